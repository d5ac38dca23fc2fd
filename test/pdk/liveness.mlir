// --pdk-print-liveness: what is live before each operation, derived by hand
// from the end of each routine backwards. C takes the result of the first
// routine in A.
// RUN: pdkc-opt %s -split-input-file --pdk-print-liveness -verify-diagnostics -o /dev/null

// A skip leads to both: to the return, which needs nothing, and behind it.
pdk.program @skip for "pms150c" {
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A C)}}
    pdk.mov_m_a %x[0]
    // expected-remark@+1 {{live-in (C x[0])}}
    pdk.t1sn_iobit 0, 1
    // expected-remark@+1 {{live-in ()}}
    pdk.ret_k 7
    // expected-remark@+1 {{live-in (x[0])}}
    pdk.mov_a_m %x[0]
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
}

// -----

// A store that is left out at times leaves what was there needed. Labels are
// not what is skipped.
pdk.program @skipped_store for "pms150c" {
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A C)}}
    pdk.clear_m %x[0]
    // expected-remark@+1 {{live-in (A C x[0])}}
    pdk.t0sn_iobit 0, 1
    // expected-remark@+1 {{live-in (A)}}
    pdk.label @store
    // expected-remark@+1 {{live-in (A)}}
    pdk.mov_m_a %x[0]
    // expected-remark@+1 {{live-in (x[0])}}
    pdk.mov_a_m %x[0]
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
}

// -----

// A chain of skips: each tests its own flag, and leaves the others.
pdk.program @chain for "pms150c" {
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A)}}
    pdk.mov_m_a %x[0]
    // It sets all flags.
    // expected-remark@+1 {{live-in (A x[0])}}
    pdk.sub_a_m %x[0]
    // To the test of C or to the return.
    // expected-remark@+1 {{live-in (A Z C)}}
    pdk.t1sn_iobit 0, 0
    // expected-remark@+1 {{live-in (A C)}}
    pdk.t0sn_iobit 0, 1
    // expected-remark@+1 {{live-in ()}}
    pdk.ret_k 1
    // expected-remark@+1 {{live-in (A C)}}
    pdk.addc_a
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
}

// -----

// izsn sets flags, so that none is needed before it; its own skip does not read
// Z. A shift sets C and no other, a move from memory Z.
pdk.program @flags_set for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A)}}
    pdk.mov_m_a %x[0]
    // expected-remark@+1 {{live-in (A x[0])}}
    pdk.izsn_m %x[0]
    // expected-remark@+1 {{live-in (A Z x[0])}}
    pdk.sl_m %x[0]
    // expected-remark@+1 {{live-in (A Z C)}}
    pdk.t1sn_iobit 0, 0
    // expected-remark@+1 {{live-in (A C)}}
    pdk.addc_a
    // expected-remark@+1 {{live-in (A C)}}
    pdk.mov_m_a %x[1]
    // expected-remark@+1 {{live-in (C x[1])}}
    pdk.mov_a_m %x[1]
    // expected-remark@+1 {{live-in (A Z C)}}
    pdk.t0sn_iobit 0, 0
    // expected-remark@+1 {{live-in (A C)}}
    pdk.src_a
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
}

// -----

// FLAG as an I/O register. Other registers are no places.
pdk.program @flag_register for "pfs154" {
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (Z AC OV)}}
    pdk.set0_iobit 0, 1
    // It sets Z, and needs it.
    // expected-remark@+1 {{live-in (Z C AC OV)}}
    pdk.mov_a_io 0
    // expected-remark@+1 {{live-in (A Z C AC OV)}}
    pdk.xor_io_a 0
    // expected-remark@+1 {{live-in (A C AC OV)}}
    pdk.t0sn_iobit 0, 2
    // C and OV change places.
    // expected-remark@+1 {{live-in (A C OV)}}
    pdk.swapc_iobit 0, 3
    // expected-remark@+1 {{live-in (A OV)}}
    pdk.t1sn_iobit 0, 3
    // expected-remark@+1 {{live-in (A)}}
    pdk.mov_io_a 0
    // expected-remark@+1 {{live-in (A)}}
    pdk.set1_iobit 0, 0
    // expected-remark@+1 {{live-in (A)}}
    pdk.mov_io_a 16
    // expected-remark@+1 {{live-in (A)}}
    pdk.set1_iobit 16, 0
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
}

// -----

// pushaf needs all, popaf brings all.
pdk.program @push for "pms150c" {
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A Z C AC OV)}}
    pdk.pushaf
    // expected-remark@+1 {{live-in ()}}
    pdk.mov_a_k 0
    // expected-remark@+1 {{live-in (A)}}
    pdk.mov_m_a %x[0]
    // expected-remark@+1 {{live-in (x[0])}}
    pdk.popaf
    // expected-remark@+1 {{live-in (A C x[0])}}
    pdk.addc_a_m %x[0]
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
}

// -----

// A table takes A and returns in A, and leaves the flags as they are; where it
// is jumped to it returns to C.
pdk.program @table for "pms150c" {
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A C)}}
    pdk.mov_m_a %x[0]
    // expected-remark@+1 {{live-in (C x[0])}}
    pdk.mov_a_k 1
    // expected-remark@+1 {{live-in (A C x[0])}}
    pdk.call_k @t
    // expected-remark@+1 {{live-in (A C x[0])}}
    pdk.addc_a_m %x[0]
    // expected-remark@+1 {{live-in (A)}}
    pdk.goto_k @t
  }
  pdk.table @t [4, 5]
}

// -----

// The user's code destroys A and the flags, and needs none of them.
pdk.program @outside for "pms150c" {
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A)}}
    pdk.mov_m_a %x[0]
    // expected-remark@+1 {{live-in (x[0])}}
    pdk.call_k @outside
    // expected-remark@+1 {{live-in (A C x[0])}}
    pdk.addc_a_m %x[0]
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
  pdk.external @outside
}

// -----

// What is needed behind any call of a routine is needed where it returns: x
// behind the first call, A, C and y behind the second. The routine sets C itself,
// so that it is not needed at its calls.
pdk.program @calls for "pms150c" {
  %x = pdk.cells "x" size 1
  %y = pdk.cells "y" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A)}}
    pdk.clear_m %y[0]
    // expected-remark@+1 {{live-in (A y[0])}}
    pdk.mov_m_a %x[0]
    // expected-remark@+1 {{live-in (x[0] y[0])}}
    pdk.call_k @sub
    // expected-remark@+1 {{live-in (x[0] y[0])}}
    pdk.mov_a_m %x[0]
    // expected-remark@+1 {{live-in (A y[0])}}
    pdk.call_k @sub
    // expected-remark@+1 {{live-in (A C y[0])}}
    pdk.addc_a_m %y[0]
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
  pdk.routine @sub {
    // expected-remark@+1 {{live-in (A x[0] y[0])}}
    pdk.inc_m %y[0]
    // expected-remark@+1 {{live-in (A C x[0] y[0])}}
    pdk.ret
  }
}

// -----

// A callee that sets a flag, or writes, on one of its ways only: what is needed
// behind its call is needed before. On both ways it writes y.
pdk.program @one_way for "pms150c" {
  %x = pdk.cells "x" size 1
  %y = pdk.cells "y" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A Z C)}}
    pdk.mov_m_a %x[0]
    // expected-remark@+1 {{live-in (A Z C x[0])}}
    pdk.call_k @sub
    // expected-remark@+1 {{live-in (C x[0] y[0])}}
    pdk.mov_a_m %x[0]
    // expected-remark@+1 {{live-in (A C y[0])}}
    pdk.addc_a_m %y[0]
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
  pdk.routine @sub {
    // expected-remark@+1 {{live-in (A Z C x[0])}}
    pdk.t0sn_iobit 0, 0
    // expected-remark@+1 {{live-in (A C x[0])}}
    pdk.goto_k @other
    // expected-remark@+1 {{live-in (A)}}
    pdk.clear_m %x[0]
    // expected-remark@+1 {{live-in (A x[0])}}
    pdk.sl_a
    // expected-remark@+1 {{live-in (A C x[0])}}
    pdk.label @other
    // expected-remark@+1 {{live-in (A C x[0])}}
    pdk.mov_m_a %y[0]
    // expected-remark@+1 {{live-in (C x[0] y[0])}}
    pdk.ret
  }
}

// -----

// Around the loop the counter and the sum are needed; A comes from outside.
pdk.program @loop for "pms150c" {
  %n = pdk.cells "n" size 1
  %sum = pdk.cells "sum" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in ()}}
    pdk.clear_m %sum[0]
    // expected-remark@+1 {{live-in (sum[0])}}
    pdk.mov_a_k 3
    // expected-remark@+1 {{live-in (A sum[0])}}
    pdk.mov_m_a %n[0]
    // expected-remark@+1 {{live-in (n[0] sum[0])}}
    pdk.label @again trips 3
    // expected-remark@+1 {{live-in (n[0] sum[0])}}
    pdk.call_k @outside
    // expected-remark@+1 {{live-in (A n[0] sum[0])}}
    pdk.add_m_a %sum[0]
    // expected-remark@+1 {{live-in (n[0] sum[0])}}
    pdk.dzsn_m %n[0]
    // expected-remark@+1 {{live-in (n[0] sum[0])}}
    pdk.goto_k @again
    // expected-remark@+1 {{live-in (sum[0])}}
    pdk.mov_a_m %sum[0]
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
  pdk.external @outside
}

// -----

// A flag that is carried around a loop: C of one round is shifted in in the
// next.
pdk.program @carry for "pms150c" {
  %n = pdk.cells "n" size 1
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A n[0] x[0])}}
    pdk.set0_iobit 0, 1
    // expected-remark@+1 {{live-in (A C n[0] x[0])}}
    pdk.label @again
    // expected-remark@+1 {{live-in (A C n[0] x[0])}}
    pdk.src_m %x[0]
    // expected-remark@+1 {{live-in (A C n[0] x[0])}}
    pdk.set0_mbit %n[0], 0
    // expected-remark@+1 {{live-in (A C n[0] x[0])}}
    pdk.t1sn_mbit %n[0], 1
    // expected-remark@+1 {{live-in (A C n[0] x[0])}}
    pdk.goto_k @again
    // expected-remark@+1 {{live-in (A C)}}
    pdk.addc_a
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
}

// -----

// Through pointers: a store defines no byte for sure, a load needs all that it
// may reach, of a part or with a range fewer. undef of a part needs none of its
// bytes before, but the others.
pdk.program @pointer for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  %x = pdk.cells "x" size 6
  %part = pdk.part "part" of %x[1] size 4
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A p[0-1] x[0])}}
    pdk.undef %part
    // expected-remark@+1 {{live-in (A p[0-1] x[0-4])}}
    pdk.idxm_m_a %p[0] into %x
    // expected-remark@+1 {{live-in (p[0-1] x[0-4])}}
    pdk.idxm_a_m %p[0] into %part
    // expected-remark@+1 {{live-in (A p[0-1] x[0] x[2-3])}}
    pdk.mov_m_a %x[5]
    // expected-remark@+1 {{live-in (p[0-1] x[0] x[2-3])}}
    pdk.idxm_a_m %p[0] into %part range [1, 2]
    // expected-remark@+1 {{live-in (A x[0])}}
    pdk.mov_m_a %part[0]
    // expected-remark@+1 {{live-in (x[0-1])}}
    pdk.mov_a_m %x[0]
    // expected-remark@+1 {{live-in (A x[1])}}
    pdk.add_a_m %part[0]
    // expected-remark@+1 {{live-in (A)}}
    pdk.ret
  }
}

// -----

// When the first routine returns C reads what is exported, by whatever name it
// was written; what another routine returns to it, which ends that way too.
pdk.program @exported for "pms150c" {
  %out = pdk.cells "out" size 2 exported
  %high = pdk.part "high" of %out[1] size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (A)}}
    pdk.mov_m_a %out[0]
    // expected-remark@+1 {{live-in (A out[0])}}
    pdk.goto_k @rest
  }
  pdk.routine @rest {
    // expected-remark@+1 {{live-in (A out[0])}}
    pdk.mov_m_a %high[0]
    // expected-remark@+1 {{live-in (A out[0-1])}}
    pdk.ret
  }
}

// -----

// Nothing is needed where the chip begins anew.
pdk.program @reset for "pms150c" {
  %x = pdk.cells "x" size 1
  pdk.routine @r exported {
    // expected-remark@+1 {{live-in (Z)}}
    pdk.t0sn_iobit 0, 0
    // expected-remark@+1 {{live-in ()}}
    pdk.reset
    // expected-remark@+1 {{live-in ()}}
    pdk.ret_k 0
  }
}

// -----

// Without a valid control flow there is nothing to say.
pdk.program @invalid for "pms150c" {
  pdk.routine @r exported {
    // expected-error@+1 {{control runs past the end of its routine}}
    pdk.nop
  }
}
