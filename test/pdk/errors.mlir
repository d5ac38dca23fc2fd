// Every rule of the pdk dialect's verifiers.
// RUN: pdkc-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{unknown device "pic16"}}
pdk.program @p for "pic16" {
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{bit 8 is not in 0 to 7}}
    pdk.t0sn_mbit %x[0], 8
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{bit -1 is not in 0 to 7}}
    pdk.t0sn_iobit 0, -1
    pdk.ret
  }
}

// -----

// The cells have two bytes, numbered 0 and 1.
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{offset 2 is outside the 2 bytes of cells "x"}}
    pdk.mov_a_m %x[2]
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{offset -1 is outside the 2 bytes of cells "x"}}
    pdk.mov_a_m %x[-1]
    pdk.ret
  }
}

// -----

// A pointer is two bytes.
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{offset 1 is outside the 2 bytes of cells "x"}}
    pdk.idxm_a_m %x[1]
    pdk.ret
  }
}

// -----

// The address behind the last byte is fine as a number, the next is not.
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    pdk.ceqsn_a_k 2 plus %x
    // expected-error@+1 {{offset 3 is outside the 2 bytes of cells "x"}}
    pdk.ceqsn_a_k 3 plus %x
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{operand 256 is not in 0 to 255}}
    pdk.mov_a_k 256
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{operand -1 is not in 0 to 255}}
    pdk.mov_a_k -1
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{there is no label or routine @nowhere}}
    pdk.goto_k @nowhere
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{there is no label or routine @nowhere}}
    pdk.call_k @nowhere
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    pdk.label @l
    // expected-error@+1 {{redefines the name @l}}
    pdk.label @l
    pdk.ret
  }
}

// -----

// Labels of all routines share one list of names with the routines.
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{redefines the name @r}}
    pdk.label @r
    pdk.ret
  }
}

// -----

// Two routines of one name.
pdk.program @p for "pms150c" {
  // expected-note@+1 {{see existing symbol definition here}}
  pdk.routine @r {
    pdk.ret
  }
  // expected-error@+1 {{redefinition of symbol named}}
  pdk.routine @r {
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  // expected-error@+1 {{does not belong into a program}}
  func.func private @f()
}

// -----

pdk.program @p for "pms150c" {
  // expected-error@+1 {{attribute 'size' failed to satisfy constraint: 64-bit integer attribute whose value is positive}}
  %x = pdk.cells "x" size 0
}

// -----

pdk.program @p for "pms150c" {
  // expected-error@+1 {{has no entries}}
  pdk.table @t []
}

// -----

pdk.program @p for "pms150c" {
  // expected-error@+1 {{has 256 entries, but A counts to 255}}
  pdk.table @t [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

// -----

pdk.program @p for "pms150c" {
  // expected-error@+1 {{entry 256 is not a byte}}
  pdk.table @t [0, 256]
}

// -----

pdk.program @p for "pms150c" {
  // expected-error@+1 {{entry -1 is not a byte}}
  pdk.table @t [-1]
}

// -----

// Operations have their places.
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 1
  // expected-error@+1 {{does not belong into a program}}
  pdk.clear_m %x[0]
}

// -----

// expected-error@+1 {{expects parent op 'pdk.program'}}
pdk.external @e

// -----

// expected-error@+1 {{expects parent op 'pdk.program'}}
pdk.table @t [1]

// -----

// expected-error@+1 {{expects parent op 'pdk.program'}}
pdk.routine @r {
  pdk.ret
}

// -----

// expected-error@+1 {{expects parent op 'pdk.program'}}
%x = pdk.cells "x" size 1

// -----

pdk.program @p for "pms150c" {
  // expected-error@+1 {{does not belong into a program}}
  pdk.label @l
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 1
  // expected-error@+1 {{does not belong into a program}}
  pdk.undef %x
}

// -----

// expected-error@+1 {{expects parent op 'pdk.routine'}}
pdk.label @l

// -----

// expected-error@+1 {{expects parent op 'pdk.routine'}}
pdk.ret

// -----

pdk.program @p for "pms150c" {
  // expected-error@+1 {{entry 8192 is not of 13 bits}}
  pdk.words @w [8191, 8192]
}

// -----

pdk.program @p for "pfs173" {
  // expected-error@+1 {{has no entries}}
  pdk.words @w []
}

// -----

pdk.program @p for "pfs173" {
  pdk.routine @r {
    // expected-error@+1 {{an address has no byte 2}}
    pdk.mov_a_k 2 of @r
    pdk.ret
  }
}
