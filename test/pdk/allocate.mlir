// --pdk-allocate: where cells may lie, which share bytes, and what the stack
// takes. RAM 0 and 1 are p, so cells begin at 2.
// RUN: pdkc-opt %s -split-input-file --pdk-allocate | FileCheck %s

// a is done with when b begins: one address for both. c is live over both.
// The call of the entry is 2 bytes of stack, the call of outside 2 more.
// CHECK: pdk.program @share {{.*}}stack_bytes = 4 : i64, static_bytes = 2 : i64
// CHECK: pdk.cells "a" size 1 at [[A:[23]]]{{$}}
// CHECK: pdk.cells "b" size 1 at [[A]]{{$}}
// CHECK-NOT: at [[A]]{{$}}
// CHECK: pdk.cells "c" size 1 at {{[23]$}}
pdk.program @share for "pms150c" {
  %a = pdk.cells "a" size 1
  %b = pdk.cells "b" size 1
  %c = pdk.cells "c" size 1
  pdk.routine @r exported {
    pdk.clear_m %c[0]
    pdk.clear_m %a[0]
    pdk.inc_m %a[0]
    pdk.mov_a_m %a[0]
    pdk.mov_m_a %b[0]
    pdk.call_k @outside
    pdk.add_a_m %b[0]
    pdk.add_a_m %c[0]
    pdk.ret
  }
  pdk.external @outside
}

// -----

// Both branches' cells share; what is set before the branch and read behind it
// does not.
// CHECK: pdk.program @branches {{.*}}static_bytes = 2 : i64
// CHECK: pdk.cells "before" size 1 at [[B:[23]]]{{$}}
// CHECK-NOT: at [[B]]{{$}}
// CHECK: pdk.cells "left" size 1 at [[L:[23]]]{{$}}
// CHECK: pdk.cells "right" size 1 at [[L]]{{$}}
pdk.program @branches for "pms150c" {
  %before = pdk.cells "before" size 1
  %left = pdk.cells "left" size 1
  %right = pdk.cells "right" size 1
  pdk.routine @r exported {
    pdk.mov_m_a %before[0]
    pdk.t0sn_iobit 0, 1
    pdk.goto_k @else
    pdk.mov_m_a %left[0]
    pdk.add_a_m %left[0]
    pdk.goto_k @end
    pdk.label @else
    pdk.mov_m_a %right[0]
    pdk.sub_a_m %right[0]
    pdk.label @end
    pdk.add_a_m %before[0]
    pdk.ret
  }
}

// -----

// A store that a skip may leave out defines nothing: x lives on over it, from
// its first value.
// CHECK: pdk.program @skip
// CHECK: pdk.cells "x" size 1 at [[X:[23]]]{{$}}
// CHECK-NOT: at [[X]]{{$}}
// CHECK: pdk.cells "y" size 1 at
pdk.program @skip for "pms150c" {
  %x = pdk.cells "x" size 1
  %y = pdk.cells "y" size 1
  pdk.routine @r exported {
    pdk.clear_m %x[0]
    pdk.mov_m_a %y[0]
    pdk.mov_a_m %y[0]
    pdk.t0sn_iobit 0, 1
    pdk.mov_m_a %x[0]
    pdk.mov_a_m %x[0]
    pdk.ret
  }
}

// -----

// What the caller needs behind a call is kept from the callee's cells.
// CHECK: pdk.program @callee {{.*}}stack_bytes = 6 : i64, static_bytes = 2 : i64
// CHECK: pdk.cells "caller" size 1 at [[C:[23]]]{{$}}
// CHECK-NOT: at [[C]]{{$}}
// CHECK: pdk.cells "inner" size 1 at {{[23]$}}
pdk.program @callee for "pms150c" {
  %caller = pdk.cells "caller" size 1
  %inner = pdk.cells "inner" size 1
  pdk.routine @r exported {
    pdk.mov_m_a %caller[0]
    pdk.call_k @first
    pdk.add_a_m %caller[0]
    pdk.ret
  }
  pdk.routine @first {
    pdk.call_k @second
    pdk.ret
  }
  pdk.routine @second {
    pdk.mov_m_a %inner[0]
    pdk.add_a_m %inner[0]
    pdk.ret
  }
}

// -----

// The deepest chain of calls counts: entry 2, table 2; or entry 2, sub 2, and
// the table that sub calls 2: 6.
// CHECK: pdk.program @stack {{.*}}stack_bytes = 6 : i64
pdk.program @stack for "pms150c" {
  pdk.routine @r exported {
    pdk.mov_a_k 1
    pdk.call_k @table
    pdk.call_k @sub
    pdk.call_k @sub
    pdk.ret
  }
  pdk.routine @sub {
    pdk.mov_a_k 1
    pdk.call_k @table
    pdk.ret
  }
  pdk.table @table [7]
}

// -----

// Bit tests reach 0 to 15 on PDK13 and pointers are even and at most 30: these
// come first, although 20 bytes are larger.
// CHECK: pdk.program @reach13
// CHECK: pdk.cells "large" size 20 at {{([5-9]|1[0-9]|2[0-9])$}}
// CHECK: pdk.cells "tested" size 1 at {{([2-9]|1[0-5])$}}
// CHECK: pdk.cells "pointer" size 2 at {{([2468]|[12][02468]|30)$}}
// CHECK: pdk.cells "even" size 1 align 2 at {{[0-9]*[02468]$}}
pdk.program @reach13 for "pms150c" {
  %large = pdk.cells "large" size 20
  %tested = pdk.cells "tested" size 1
  %pointer = pdk.cells "pointer" size 2
  %even = pdk.cells "even" size 1 align 2
  pdk.routine @r exported {
    pdk.undef %large
    pdk.mov_m_a %tested[0]
    pdk.mov_m_a %pointer[0]
    pdk.clear_m %pointer[1]
    pdk.mov_m_a %even[0]
    pdk.mov_a_k 0
    pdk.idxm_m_a %pointer[0] into %large
    pdk.idxm_a_m %pointer[0] into %large
    pdk.t0sn_mbit %tested[0], 3
    pdk.add_a_m %even[0]
    pdk.ret
  }
}

// -----

// The byte that is tested counts: byte 3 of 4 at most at 15, so the cells begin
// at 12 at most, although 12 bytes that are live too are larger.
// CHECK: pdk.program @reach_offset
// CHECK: pdk.cells "large" size 12 at
// CHECK: pdk.cells "tested" size 4 at {{([2-9]|1[0-2])$}}
pdk.program @reach_offset for "pms150c" {
  %large = pdk.cells "large" size 12
  %tested = pdk.cells "tested" size 4
  pdk.routine @r exported {
    pdk.undef %large
    pdk.clear_m %large[0]
    pdk.clear_m %large[11]
    pdk.clear_m %tested[0]
    pdk.clear_m %tested[3]
    pdk.set1_mbit %tested[3], 0
    pdk.mov_a_m %tested[0]
    pdk.add_a_m %tested[3]
    pdk.add_a_m %large[0]
    pdk.add_a_m %large[11]
    pdk.ret
  }
}

// -----

// What is within other cells may lie on them, not above: the first byte of
// "act" lies on the first of "sums" at most.
// CHECK: pdk.program @within {{.*}}static_bytes = 10 : i64
// CHECK: pdk.cells "sums" size 8 at [[S:[0-9]+]]{{$}}
// CHECK: pdk.cells "act" size 4 within %{{.*}} at [[S]]{{$}}
pdk.program @within for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  %sums = pdk.cells "sums" size 8
  %act = pdk.cells "act" size 4 within %sums
  %target = pdk.cells "target" size 2
  pdk.routine @r exported {
    pdk.undef %sums
    pdk.mov_a_k 0 plus %sums
    pdk.mov_m_a %p[0]
    pdk.mov_a_k 0 plus %act
    pdk.mov_m_a %target[0]
    pdk.clear_m %target[1]
    pdk.undef %act
    pdk.label @loop
    pdk.idxm_a_m %p[0] into %sums
    pdk.inc_m %p[0]
    pdk.inc_m %p[0]
    pdk.idxm_m_a %target[0] into %act
    pdk.inc_m %target[0]
    pdk.mov_a_m %p[0]
    pdk.ceqsn_a_k 8 plus %sums
    pdk.goto_k @loop
    pdk.mov_a_m %act[0]
    pdk.add_a_m %act[3]
    pdk.ret
  }
}
