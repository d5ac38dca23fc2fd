// Convolutions: loops over channels, positions and a window's elements, weights
// and the windows' places as streams of bytes, one sum at a time. What follows
// takes each sum as it comes.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @pooled
// Channel by channel; the windows of a pool are neighbours in the stream.
// CHECK: %[[ACT:.*]] = pdk.cells "act" size 2
// CHECK: pdk.undef %[[ACT]]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[ACT]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.clear_m %[[WEIGHTS:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[CHANNELS_LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[CHANNELS:channels_[0-9]+]] trips 2
// CHECK-NEXT: pdk.mov_a_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.mov_m_a %[[CHANNEL:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[WINDOWS:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[LARGEST:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 4
// CHECK-NEXT: pdk.mov_m_a %[[POOL_LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[POOL:pool_[0-9]+]] trips 4
// CHECK-NEXT: pdk.mov_a_m %[[CHANNEL]][0]
// CHECK-NEXT: pdk.mov_m_a %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.inc_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.call_k @[[KERNELS:kernels_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[SUM:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.call_k @[[PLACES:windows_[0-9]+]]
// CHECK-NEXT: pdk.add_a_k 0 plus %[[IMAGE:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// A window is two rows of two; from one to the next p goes 3 - 2 = 1 further.
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %{{.*}}[0]
// CHECK-NEXT: pdk.label @[[ROWS:taps_[0-9]+]] trips 2
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %{{.*}}[0]
// CHECK-NEXT: pdk.label @[[COLUMNS:taps_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[IMAGE]]
// CHECK-NEXT: pdk.mov_m_a %[[X:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.call_k @[[KERNELS]]
// CHECK-NEXT: pdk.mov_m_a %[[W:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 3
// CHECK-NEXT: pdk.sub_a_m %[[X]][0]
// CHECK: pdk.add_m_a %[[SUM]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.dzsn_m %{{.*}}[0]
// CHECK-NEXT: pdk.goto_k @[[COLUMNS]]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.dzsn_m %{{.*}}[0]
// CHECK-NEXT: pdk.goto_k @[[ROWS]]
// The requantisation, and the largest in A, kept by its difference.
// CHECK-NEXT: pdk.mov_a_m %[[SUM]][0]
// CHECK: pdk.sr_m %[[SUM]][0]
// CHECK-NEXT: pdk.sr_m %[[SUM]][0]
// CHECK-NEXT: pdk.mov_a_m %[[SUM]][0]
// CHECK-NEXT: pdk.sub_a_k 15
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.add_a_k 15
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[BELOW:below_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[DONE]]
// CHECK-NEXT: pdk.sub_a_m %[[LARGEST]][0]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.add_m_a %[[LARGEST]][0]
// CHECK-NEXT: pdk.dzsn_m %[[POOL_LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[POOL]]
// CHECK-NEXT: pdk.mov_a_m %[[LARGEST]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[ACT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.dzsn_m %[[CHANNELS_LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[CHANNELS]]
// Starts 4 and -6, before a channel's -3, -1, 2, 5 as four bits.
// CHECK: pdk.table @[[KERNELS]] {{\[}}4, 13, 15, 2, 5, 250, 5, 2, 15, 13]
// CHECK-NEXT: pdk.table @[[PLACES]] {{\[}}0, 1, 3, 4]
func.func @pooled(%0: tensor<9x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.conv %0 shape [1, 3, 3] weights dense<[[[[0, 1], [2, 3]]], [[[3, 2], [1, 0]]]]> : tensor<2x1x2x2xi8> of [-3, -1, 2, 5] bias [4, -6]
      strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] : tensor<9x!lowbit.int<0, 15>> -> tensor<2x2x2x!lowbit.int<-66, 109>>
  %2 = lowbit.requant %1 shift 2 clamp 0 to 15 : tensor<2x2x2x!lowbit.int<-66, 109>> -> tensor<2x2x2x!lowbit.int<0, 15>>
  %3 = lowbit.maxpool %2 windows [0, 1, 2, 3, 4, 5, 6, 7] sizes [4, 4] : tensor<2x2x2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 15>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @plain
// Without an operation of its own behind it, a convolution's sums go to RAM.
// All start at 7, which no stream has to say. -1, 1, 1 in two bits.
// CHECK: pdk.label @[[POSITIONS:positions_[0-9]+]] trips 2
// CHECK-NEXT: pdk.mov_a_m %[[KERNEL:.*]][0]
// CHECK-NEXT: pdk.mov_m_a %[[WEIGHTS:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 7
// CHECK-NEXT: pdk.mov_m_a %[[SUM:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[WINDOWS:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.call_k @[[PLACES:windows_[0-9]+]]
// CHECK-NEXT: pdk.add_a_k 0 plus %[[IMAGE:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 3
// CHECK-NEXT: pdk.mov_m_a %[[TAPS_LEFT:.*]][0]
// CHECK-NEXT: pdk.label @taps{{.*}} trips 3
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[IMAGE]]
// CHECK: pdk.mov_a_m %[[SUM]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[SUMS:.*]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.dzsn_m %[[LEFT:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[POSITIONS]]
// CHECK: pdk.table @[[KERNELS:kernels_[0-9]+]] {{\[}}3, 1, 1]
// CHECK-NEXT: pdk.table @[[PLACES]] {{\[}}0, 2]
func.func @plain(%0: tensor<6x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.conv %0 shape [1, 6] weights dense<[[[0, 1, 1]]]> : tensor<1x1x3xi8> of [-1, 1] bias [7] strides [2] pads [0, 0] dilations [1]
      : tensor<6x!lowbit.int<0, 15>> -> tensor<1x2x!lowbit.int<-8, 37>>
  %2 = lowbit.argmax %1 : tensor<1x2x!lowbit.int<-8, 37>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @padded
// Each window comes with the coordinates of its first element, -1 to 1, which
// are compared at each element: what is outside is 0.
// CHECK: %[[WINDOWS:.*]] = pdk.cells "windows_position" size 1
// CHECK: pdk.inc_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.call_k @[[PLACES:windows_[0-9]+]]
// CHECK-NEXT: pdk.add_a_k 0 plus %[[IMAGE:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.call_k @[[PLACES]]
// CHECK-NEXT: pdk.mov_m_a %[[Y:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.call_k @[[PLACES]]
// CHECK-NEXT: pdk.mov_m_a %[[X:.*]][0]
// CHECK: pdk.label @[[ROWS:taps_[0-9]+]] trips 3
// CHECK-NEXT: pdk.mov_a_k 3
// CHECK-NEXT: pdk.mov_m_a %[[COLUMNS_LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[COLUMNS:taps_[0-9]+]] trips 3
// CHECK-NEXT: pdk.mov_a_m %[[Y]][0]
// CHECK-NEXT: pdk.sub_a_k 3
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[OUTSIDE:outside_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[X]][0]
// CHECK-NEXT: pdk.sub_a_k 3
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[OUTSIDE]]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[IMAGE]]
// CHECK-NEXT: pdk.goto_k @[[HAVE:have_[0-9]+]]
// CHECK-NEXT: pdk.label @[[OUTSIDE]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[HAVE]]
// CHECK-NEXT: pdk.mov_m_a %[[INPUT:.*]][0]
// Back by 3 columns, on by a row.
// CHECK: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.inc_m %[[X]][0]
// CHECK-NEXT: pdk.dzsn_m %[[COLUMNS_LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[COLUMNS]]
// CHECK-NEXT: pdk.mov_a_k 253
// CHECK-NEXT: pdk.add_m_a %[[X]][0]
// CHECK-NEXT: pdk.inc_m %[[Y]][0]
// CHECK-NEXT: pdk.dzsn_m %[[ROWS_LEFT:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[ROWS]]
// CHECK: pdk.table @[[PLACES]] {{\[}}252, 255, 255, 253, 255, 0, 254, 255, 1, 255, 0, 255, 0, 0, 0, 1, 0, 1, 2, 1, 255, 3, 1, 0, 4, 1, 1]
func.func @padded(%0: tensor<9x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 8>> {
  %1 = lowbit.conv %0 shape [1, 3, 3] weights dense<[[[[0, 1, 0], [1, 1, 1], [0, 1, 0]]]]> : tensor<1x1x3x3xi8> of [-1, 1] bias [0]
      strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] : tensor<9x!lowbit.int<0, 15>> -> tensor<1x3x3x!lowbit.int<-60, 75>>
  %2 = lowbit.argmax %1 : tensor<1x3x3x!lowbit.int<-60, 75>> -> tensor<1x!lowbit.int<0, 8>>
  return %2 : tensor<1x!lowbit.int<0, 8>>
}

// -----

// CHECK-LABEL: pdk.program @padded_value
// Biases of -2, 1 and 4 are a bias of 1 and a padding of 3: -1 and 1 times 3.
// CHECK: %[[X:.*]] = pdk.cells "coordinate" size 1
// CHECK: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[SUM:.*]][0]
// CHECK: pdk.mov_a_m %[[X]][0]
// CHECK-NEXT: pdk.sub_a_k 3
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[OUTSIDE:outside_[0-9]+]]
// CHECK-NEXT: pdk.idxm_a_m %[[P:.*]][0] into %[[IMAGE:.*]]
// CHECK-NEXT: pdk.goto_k @[[HAVE:have_[0-9]+]]
// CHECK-NEXT: pdk.label @[[OUTSIDE]]
// CHECK-NEXT: pdk.mov_a_k 3
// CHECK-NEXT: pdk.label @[[HAVE]]
// CHECK-NEXT: pdk.mov_m_a %[[INPUT:.*]][0]
func.func @padded_value(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.conv %0 shape [1, 3] weights dense<[[[0, 1, 1]]]> : tensor<1x1x3xi8> of [-1, 1] bias [-2, 1, 4] strides [1] pads [1, 1] dilations [1]
      : tensor<3x!lowbit.int<0, 15>> -> tensor<1x3x!lowbit.int<-15, 40>>
  %2 = lowbit.argmax %1 : tensor<1x3x!lowbit.int<-15, 40>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}

// -----

// CHECK-LABEL: pdk.program @groups
// Windows begin at the group, which moves by its 3 elements.
// CHECK: %[[WINDOWS:.*]] = pdk.cells "windows_position" size 1
// CHECK: %[[GROUP:.*]] = pdk.cells "group" size 1
// CHECK: pdk.mov_m_a %[[GROUP]][0]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[GROUPS:groups_[0-9]+]] trips 2
// CHECK: pdk.inc_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.call_k @[[PLACES:windows_[0-9]+]]
// CHECK-NEXT: pdk.add_a_m %[[GROUP]][0]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK: pdk.mov_a_k 3
// CHECK-NEXT: pdk.add_m_a %[[GROUP]][0]
// CHECK-NEXT: pdk.dzsn_m %[[LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[GROUPS]]
func.func @groups(%0: tensor<6x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 3>> {
  %1 = lowbit.conv %0 shape [2, 3] weights dense<[[[0, 1]], [[1, 1]]]> : tensor<2x1x2xi8> of [-1, 1] bias [0, -20] strides [1] pads [0, 0] dilations [1] groups 2
      : tensor<6x!lowbit.int<0, 15>> -> tensor<2x2x!lowbit.int<-20, 15>>
  %2 = lowbit.argmax %1 : tensor<2x2x!lowbit.int<-20, 15>> -> tensor<1x!lowbit.int<0, 3>>
  return %2 : tensor<1x!lowbit.int<0, 3>>
}
