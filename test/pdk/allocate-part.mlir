// --pdk-allocate: parts of cells are the cells' own bytes, and lie where these
// lie. RAM 0 and 1 are p, so cells begin at 2; large ones are placed first.
// RUN: pdkc-opt %s -split-input-file --pdk-allocate | FileCheck %s

// When y is written only the part "tail", bytes 2 and 3 of x, is needed: y lies
// on the first two.
// CHECK: pdk.program @bytes {{.*}}static_bytes = 4 : i64
// CHECK: pdk.cells "x" size 4 at 2{{$}}
// CHECK: pdk.part "head" of %{{.*}}[0] size 2{{$}}
// CHECK: pdk.cells "y" size 2 at 2{{$}}
pdk.program @bytes for "pms150c" {
  %x = pdk.cells "x" size 4
  %head = pdk.part "head" of %x[0] size 2
  %tail = pdk.part "tail" of %x[2] size 2
  %y = pdk.cells "y" size 2
  pdk.routine @r exported {
    pdk.mov_m_a %head[0]
    pdk.mov_m_a %head[1]
    pdk.add_a_m %head[0]
    pdk.add_a_m %head[1]
    pdk.mov_m_a %tail[0]
    pdk.mov_m_a %tail[1]
    pdk.mov_m_a %y[0]
    pdk.mov_m_a %y[1]
    pdk.add_a_m %y[0]
    pdk.add_a_m %y[1]
    pdk.add_a_m %x[2]
    pdk.add_a_m %x[3]
    pdk.ret
  }
}

// -----

// Byte 1 of "middle" is byte 0 of "last" and byte 3 of x, so that the store to
// the one defines what is read of the other, and it is needed beside y.
// CHECK: pdk.program @overlap {{.*}}static_bytes = 5 : i64
// CHECK: pdk.cells "x" size 4 at 2{{$}}
// CHECK: pdk.cells "y" size 1 at 6{{$}}
pdk.program @overlap for "pms150c" {
  %x = pdk.cells "x" size 4
  %most = pdk.part "most" of %x[1] size 3
  %middle = pdk.part "middle" of %most[1] size 2
  %last = pdk.part "last" of %x[3] size 1
  %y = pdk.cells "y" size 1
  pdk.routine @r exported {
    pdk.mov_m_a %x[0]
    pdk.mov_m_a %x[1]
    pdk.mov_m_a %x[2]
    pdk.mov_m_a %middle[1]
    pdk.mov_m_a %y[0]
    pdk.add_a_m %y[0]
    pdk.add_a_m %x[0]
    pdk.add_a_m %most[0]
    pdk.add_a_m %x[2]
    pdk.add_a_m %last[0]
    pdk.ret
  }
}

// -----

// undef begins the lifetimes of the part's bytes alone. Before it x's first two
// bytes are needed and the tail is not: y lies on the tail.
// CHECK: pdk.program @undef {{.*}}static_bytes = 4 : i64
// CHECK: pdk.cells "x" size 4 at 2{{$}}
// CHECK: pdk.cells "y" size 2 at 4{{$}}
pdk.program @undef for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  %x = pdk.cells "x" size 4
  %tail = pdk.part "tail" of %x[2] size 2
  %y = pdk.cells "y" size 2
  pdk.routine @r exported {
    pdk.mov_m_a %x[0]
    pdk.mov_m_a %x[1]
    pdk.mov_m_a %y[0]
    pdk.mov_m_a %y[1]
    pdk.add_a_m %y[0]
    pdk.add_a_m %y[1]
    pdk.undef %tail
    pdk.mov_a_k 0 plus %tail
    pdk.mov_m_a %p[0]
    pdk.label @fill
    pdk.idxm_m_a %p[0] into %tail
    pdk.inc_m %p[0]
    pdk.mov_a_m %p[0]
    pdk.ceqsn_a_k 2 plus %tail
    pdk.goto_k @fill
    pdk.add_a_m %x[0]
    pdk.add_a_m %x[1]
    pdk.add_a_m %x[2]
    pdk.add_a_m %x[3]
    pdk.ret
  }
}

// -----

// A store through a pointer writes the bytes of its range, while y is needed,
// and no others: y lies on these.
// CHECK: pdk.program @store_range {{.*}}static_bytes = 4 : i64
// CHECK: pdk.cells "x" size 4 at 2{{$}}
// CHECK: pdk.cells "y" size 2 at 2{{$}}
pdk.program @store_range for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  %x = pdk.cells "x" size 4
  %y = pdk.cells "y" size 2
  pdk.routine @r exported {
    pdk.mov_m_a %y[0]
    pdk.mov_m_a %y[1]
    pdk.undef %x
    pdk.mov_a_k 2 plus %x
    pdk.mov_m_a %p[0]
    pdk.idxm_m_a %p[0] into %x range [2, 2]
    pdk.add_a_m %y[0]
    pdk.add_a_m %y[1]
    pdk.add_a_m %x[2]
    pdk.add_a_m %x[3]
    pdk.ret
  }
}

// -----

// A load reads those of its range, here of a part, so the other two need not be
// written; y lies there.
// CHECK: pdk.program @load_range {{.*}}static_bytes = 6 : i64
// CHECK: pdk.cells "x" size 6 at 2{{$}}
// CHECK: pdk.cells "y" size 3 at 5{{$}}
pdk.program @load_range for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  %x = pdk.cells "x" size 6
  %part = pdk.part "part" of %x[1] size 5
  %y = pdk.cells "y" size 3
  pdk.routine @r exported {
    pdk.mov_m_a %x[0]
    pdk.mov_m_a %x[1]
    pdk.mov_m_a %x[2]
    pdk.mov_m_a %y[0]
    pdk.mov_m_a %y[1]
    pdk.mov_m_a %y[2]
    pdk.mov_a_k 0 plus %part
    pdk.mov_m_a %p[0]
    pdk.idxm_a_m %p[0] into %part range [0, 2]
    pdk.add_a_m %y[0]
    pdk.add_a_m %y[1]
    pdk.add_a_m %y[2]
    pdk.add_a_m %x[0]
    pdk.ret
  }
}

// -----

// The reach of an instruction on a part binds the cells: on PDK13 bits of RAM 0
// to 15 are tested, so byte 11 of x lies there and x begins at 4 at most,
// although "large" is larger. A pointer in a part makes the cells even: "one",
// which is tested too, takes 2.
// CHECK: pdk.program @reach
// CHECK: pdk.cells "large" size 24 at {{[0-9]+$}}
// CHECK: pdk.cells "x" size 14 at 4{{$}}
// CHECK: pdk.cells "one" size 1 at 2{{$}}
pdk.program @reach for "pms150c" {
  %large = pdk.cells "large" size 24
  %x = pdk.cells "x" size 14
  %outer = pdk.part "outer" of %x[10] size 4
  %inner = pdk.part "inner" of %outer[1] size 3
  %one = pdk.cells "one" size 1 at 2
  pdk.routine @r exported {
    pdk.undef %large
    pdk.undef %x
    pdk.clear_m %large[0]
    pdk.clear_m %large[23]
    pdk.mov_m_a %one[0]
    pdk.idxm_a_m %inner[1]
    pdk.t0sn_mbit %inner[0], 3
    pdk.add_a_m %one[0]
    pdk.add_a_m %x[0]
    pdk.add_a_m %large[0]
    pdk.add_a_m %large[23]
    pdk.ret
  }
}

// -----

// What is within a part may begin on its first byte, not above, even where it
// begins above the cells that the part belongs to, whose first half is needed.
// CHECK: pdk.program @within {{.*}}static_bytes = 10 : i64
// CHECK: pdk.cells "sums" size 8 at [[#S:]]{{$}}
// CHECK: pdk.cells "act" size 2 within %{{.*}} at [[#S+4]]{{$}}
pdk.program @within for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  %sums = pdk.cells "sums" size 8
  %upper = pdk.part "upper" of %sums[4] size 4
  %act = pdk.cells "act" size 2 within %upper
  %target = pdk.cells "target" size 2
  pdk.routine @r exported {
    pdk.undef %sums
    pdk.mov_a_k 0 plus %upper
    pdk.mov_m_a %p[0]
    pdk.mov_a_k 0 plus %act
    pdk.mov_m_a %target[0]
    pdk.clear_m %target[1]
    pdk.undef %act
    pdk.label @loop
    pdk.idxm_a_m %p[0] into %upper
    pdk.inc_m %p[0]
    pdk.inc_m %p[0]
    pdk.idxm_m_a %target[0] into %act
    pdk.inc_m %target[0]
    pdk.mov_a_m %p[0]
    pdk.ceqsn_a_k 4 plus %upper
    pdk.goto_k @loop
    pdk.mov_a_m %act[0]
    pdk.add_a_m %act[1]
    pdk.add_a_m %sums[0]
    pdk.add_a_m %sums[1]
    pdk.add_a_m %sums[2]
    pdk.add_a_m %sums[3]
    pdk.ret
  }
}
