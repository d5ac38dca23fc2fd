// What --pdk-firmware refuses.
// RUN: pdkc-opt %s -split-input-file --pdk-firmware -verify-diagnostics

// expected-error@+1 {{the time from one input to the next has no bound: a loop between them has no trips}}
pdk.program @model for "pms150c" {
  pdk.routine @model_infer exported {
    pdk.call_k @model_next_input
    pdk.label @loop
    pdk.dzsn_a
    pdk.goto_k @loop
    pdk.call_k @model_next_input
    pdk.ret
  }
  pdk.external @model_next_input
}

// -----

// The bound of the inner loop is none for the outer one.
// expected-error@+1 {{the time from one input to the next has no bound: a loop between them has no trips}}
pdk.program @model for "pms150c" {
  pdk.routine @model_infer exported {
    pdk.call_k @model_next_input
    pdk.label @outer
    pdk.mov_a_k 3
    pdk.label @inner trips 3
    pdk.dzsn_a
    pdk.goto_k @inner
    pdk.t0sn_iobit 16, 3
    pdk.goto_k @outer
    pdk.call_k @model_next_input
    pdk.ret
  }
  pdk.external @model_next_input
}

// -----

// expected-error@+1 {{pins and clock of the pms131 are not known}}
pdk.program @model for "pms131" {
  pdk.routine @model_infer exported {
    pdk.ret
  }
}

// -----

// expected-error@+1 {{exports no routine <name>_infer to call}}
pdk.program @model for "pms150c" {
  pdk.routine @model_infer {
    pdk.ret
  }
}

// -----

pdk.program @model for "pms150c" {
  pdk.routine @model_infer exported {
    pdk.call_k @other
    pdk.ret
  }
  // expected-error@+1 {{calls a routine that nothing provides: @other}}
  pdk.external @other
}

// -----

pdk.program @model for "pms150c" {
  pdk.routine @model_infer exported {
    pdk.ret
  }
  // expected-error@+1 {{a firmware calls one routine, but two are exported}}
  pdk.routine @second exported {
    pdk.ret
  }
}

// -----

// expected-error@+1 {{has more than one stack}}
pdk.program @model for "pms150c" {
  %s = pdk.cells "s" size 2 stack
  %t = pdk.cells "t" size 2 stack
  pdk.routine @model_infer exported {
    pdk.ret
  }
}

// -----

pdk.program @model for "pms150c" {
  %s = pdk.cells "s" size 2 stack
  pdk.routine @model_infer exported {
    // expected-error@+1 {{accesses the stack; only its address is of use}}
    pdk.clear_m %s[0]
    pdk.ret
  }
}
