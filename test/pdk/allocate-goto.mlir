// A routine that is reached by goto from another one returns to that one's
// caller: what the caller needs behind its call is live there too.
// RUN: pdkc-opt %s --pdk-allocate | FileCheck %s

// CHECK: static_bytes = 2
// CHECK: pdk.cells "caller" size 1 at [[C:[23]]]{{$}}
// CHECK-NOT: at [[C]]{{$}}
// CHECK: pdk.cells "inner" size 1 at {{[23]$}}
pdk.program @p for "pms150c" {
  %caller = pdk.cells "caller" size 1
  %inner = pdk.cells "inner" size 1
  pdk.routine @r exported {
    pdk.mov_m_a %caller[0]
    pdk.call_k @first
    pdk.add_a_m %caller[0]
    pdk.ret
  }
  pdk.routine @first {
    pdk.goto_k @second
  }
  pdk.routine @second {
    pdk.mov_m_a %inner[0]
    pdk.add_a_m %inner[0]
    pdk.ret
  }
}
