// What --pdk-allocate refuses.
// RUN: pdkc-opt %s -split-input-file --pdk-allocate -verify-diagnostics

pdk.program @p for "pms150c" {
  // expected-error@+1 {{byte 1 of cells "x" is read before it is written}}
  %x = pdk.cells "x" size 2
  pdk.routine @r exported {
    pdk.clear_m %x[0]
    pdk.mov_a_m %x[0]
    pdk.add_a_m %x[1]
    pdk.ret
  }
}

// -----

// Written on one way only: a skip leaves the store out.
pdk.program @p for "pms150c" {
  // expected-error@+1 {{byte 0 of cells "x" is read before it is written}}
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    pdk.t0sn_iobit 0, 1
    pdk.clear_m %x[0]
    pdk.mov_a_m %x[0]
    pdk.ret
  }
}

// -----

// A store through a pointer is no certain store of any byte.
pdk.program @p for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  // expected-error@+1 {{byte 0 of cells "x" is read before it is written}}
  %x = pdk.cells "x" size 2
  pdk.routine @r exported {
    pdk.mov_a_k 0 plus %x
    pdk.mov_m_a %p[0]
    pdk.idxm_m_a %p[0] into %x
    pdk.mov_a_m %x[0]
    pdk.ret
  }
}

// -----

// In a routine that is called.
pdk.program @p for "pms150c" {
  // expected-error@+1 {{byte 0 of cells "x" is read before it is written}}
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    pdk.call_k @sub
    pdk.clear_m %x[0]
    pdk.mov_a_m %x[0]
    pdk.ret
  }
  pdk.routine @sub {
    pdk.inc_m %x[0]
    pdk.ret
  }
}

// -----

// The user's code may destroy p.
pdk.program @p for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    pdk.clear_m %x[0]
    pdk.mov_a_k 0 plus %x
    pdk.mov_m_a %p[0]
    // expected-error@+1 {{p does not survive a call of the user's code, but is needed behind it}}
    pdk.call_k @outside
    pdk.idxm_a_m %p[0] into %x
    pdk.ret
  }
  pdk.external @outside
}

// -----

// Also where the call is in a routine of the module's.
pdk.program @p for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    pdk.clear_m %x[0]
    pdk.mov_a_k 0 plus %x
    pdk.mov_m_a %p[0]
    pdk.call_k @sub
    pdk.idxm_a_m %p[0] into %x
    pdk.ret
  }
  pdk.routine @sub {
    // expected-error@+1 {{p does not survive a call of the user's code, but is needed behind it}}
    pdk.call_k @outside
    pdk.ret
  }
  pdk.external @outside
}

// -----

// 60 bytes, p's 2, C's 2 and the call's 2: 66, of 64.
// expected-error@+1 {{does not fit the RAM of the pms150c: needs 66 bytes (p 2, cells 60, C 2, stack 2), has 64}}
pdk.program @p for "pms150c" {
  // expected-note@+1 {{60 bytes in cells "x"}}
  %x = pdk.cells "x" size 60
  pdk.routine @r exported {
    pdk.undef %x
    pdk.clear_m %x[59]
    pdk.mov_a_m %x[59]
    pdk.ret
  }
}

// -----

// 58 bytes would fit, but there is a call more: 2 + 58 + 2 + 4 = 66.
// expected-error@+1 {{does not fit the RAM of the pms150c: needs 66 bytes (p 2, cells 58, C 2, stack 4), has 64}}
pdk.program @p for "pms150c" {
  // expected-note@+1 {{58 bytes in cells "x"}}
  %x = pdk.cells "x" size 58
  pdk.routine @r exported {
    pdk.undef %x
    pdk.clear_m %x[57]
    pdk.call_k @outside
    pdk.mov_a_m %x[57]
    pdk.ret
  }
  pdk.external @outside
}

// -----

pdk.program @p for "pms150c" {
  pdk.routine @r exported {
    // expected-error@+1 {{routine calls itself: the stack has no bound}}
    pdk.call_k @r
    pdk.ret
  }
}

// -----

// Over another routine, and over a goto.
pdk.program @p for "pms150c" {
  pdk.routine @r exported {
    pdk.call_k @a
    pdk.ret
  }
  pdk.routine @a {
    pdk.mov_a_k 0
    pdk.call_k @b
    pdk.ret
  }
  pdk.routine @b {
    // expected-error@+1 {{routine calls itself: the stack has no bound}}
    pdk.goto_k @a
  }
}

// -----

pdk.program @p for "pms150c" {
  pdk.routine @r exported {
    // expected-error@+1 {{control runs past the end of its routine}}
    pdk.mov_a_k 0
  }
}

// -----

// Into the next routine is past the end too.
pdk.program @p for "pms150c" {
  pdk.routine @r exported {
    // expected-error@+1 {{control runs past the end of its routine}}
    pdk.mov_a_k 0
  }
  pdk.routine @s {
    pdk.ret
  }
}

// -----

// The last instruction may be skipped.
pdk.program @p for "pms150c" {
  pdk.routine @r exported {
    // expected-error@+1 {{control runs past the end of its routine}}
    pdk.t0sn_iobit 0, 1
    pdk.ret
  }
}

// -----

// A label has nothing behind it.
pdk.program @p for "pms150c" {
  pdk.routine @r exported {
    pdk.goto_k @end
    // expected-error@+1 {{control runs past the end of its routine}}
    pdk.label @end
  }
}

// -----

pdk.program @p for "pms150c" {
  pdk.routine @r exported {
    // expected-error@+1 {{`pcadd a` outside a table is not analysed}}
    pdk.pcadd_a
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  pdk.routine @r exported {
    pdk.pushaf
    // expected-error@+1 {{returns with 2 bytes more on the stack than at the call}}
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  pdk.routine @r exported {
    // expected-error@+1 {{takes down what its routine did not push}}
    pdk.popaf
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  pdk.routine @r exported {
    // expected-error@+1 {{is reached with 0 and with 2 bytes on the stack}}
    pdk.label @loop
    pdk.pushaf
    pdk.goto_k @loop
  }
}
