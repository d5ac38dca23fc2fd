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
  // expected-error@+1 {{expects parent op 'pdk.routine'}}
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
  // expected-error@+1 {{expects parent op 'pdk.routine'}}
  pdk.label @l
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 1
  // expected-error@+1 {{expects parent op 'pdk.routine'}}
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

// -----

// The last of three bytes from 2 on would be the fifth.
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 4
  // expected-error@+1 {{of 3 bytes from 2 is outside the 4 bytes of cells "x"}}
  %y = pdk.part "y" of %x[2] size 3
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 4
  // expected-error@+1 {{of 2 bytes from -1 is outside the 4 bytes of cells "x"}}
  %y = pdk.part "y" of %x[-1] size 2
}

// -----

// Of a part, the part's size counts.
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 4
  %y = pdk.part "y" of %x[1] size 2
  // expected-error@+1 {{of 2 bytes from 1 is outside the 2 bytes of cells "y"}}
  %z = pdk.part "z" of %y[1] size 2
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 4
  // expected-error@+1 {{attribute 'size' failed to satisfy constraint: 64-bit integer attribute whose value is positive}}
  %y = pdk.part "y" of %x[1] size 0
}

// -----

// No part of itself, directly or by another one.
pdk.program @p for "pms150c" {
  // expected-error@+1 {{is a part of what does not stand before it}}
  %x = pdk.part "x" of %x[0] size 1
}

// -----

pdk.program @p for "pms150c" {
  // expected-error@+1 {{is a part of what does not stand before it}}
  %x = pdk.part "x" of %y[0] size 1
  %y = pdk.part "y" of %x[0] size 1
}

// -----

// expected-error@+1 {{expects parent op 'pdk.program'}}
%y = pdk.part "y" of %x[0] size 1
%x = pdk.cells "x" size 1

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 4
  %y = pdk.part "y" of %x[1] size 2
  pdk.routine @r {
    // expected-error@+1 {{offset 2 is outside the 2 bytes of cells "y"}}
    pdk.mov_a_m %y[2]
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %stack = pdk.cells "stack" size 4 stack
  %y = pdk.part "y" of %stack[1] size 2
  pdk.routine @r {
    // expected-error@+1 {{accesses the stack; only its address is of use}}
    pdk.mov_a_m %y[0]
    pdk.ret
  }
}

// -----

// Cells begin at an even address where pointers lie in them.
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 4
  pdk.routine @r {
    // expected-error@+1 {{offset 1 is no place for a pointer: its address is odd}}
    pdk.idxm_a_m %x[1]
    pdk.ret
  }
}

// -----

// Byte 1 of the part is byte 4 of the cells, byte 0 is byte 3.
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 6
  %y = pdk.part "y" of %x[3] size 3
  pdk.routine @r {
    pdk.idxm_a_m %y[1]
    // expected-error@+1 {{offset 0 is no place for a pointer: its address is odd}}
    pdk.idxm_a_m %y[0]
    pdk.ret
  }
}

// -----

// ldtabl reads code memory.
pdk.program @p for "pfs173" {
  %x = pdk.cells "x" size 2
  pdk.routine @r {
    // expected-error@+1 {{reaches no cells through its pointer}}
    pdk.ldtabl_m %x[0] into %x
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 4
  pdk.routine @r {
    // expected-error@+1 {{has a range, but `into` no cells}}
    pdk.idxm_a_m %x[0] range [0, 2]
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 4
  pdk.routine @r {
    pdk.idxm_a_m %x[0] into %x range [3, 1]
    // expected-error@+1 {{range 3, 2 is outside the 4 bytes of cells "x"}}
    pdk.idxm_a_m %x[0] into %x range [3, 2]
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 4
  pdk.routine @r {
    // expected-error@+1 {{range 0, 0 is outside the 4 bytes of cells "x"}}
    pdk.idxm_a_m %x[0] into %x range [0, 0]
    pdk.ret
  }
}

// -----

pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 4
  pdk.routine @r {
    // expected-error@+1 {{attribute 'range' failed to satisfy constraint: i64 dense array attribute with exactly 2 elements}}
    pdk.idxm_a_m %x[0] into %x range [1]
    pdk.ret
  }
}
