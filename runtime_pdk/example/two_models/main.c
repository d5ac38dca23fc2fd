/* Two models in one program: wake says whether anything happens, a few hundred
   cycles each time; only then sort says which of its kinds it is. PA.3 and PA.4
   show 0 while nothing happens, else the kind from 1 on. */

#include "sort.h"
#include "wake.h"

__sfr __at(0x03) CLKMD;
__sfr __at(0x10) PA;
__sfr __at(0x11) PAC;

static uint8_t next; /* readings given out */

/* Gives the next reading, to both models: the table, made by the Makefile,
   stands for a sensor. A table of `ret #k` right behind a `pcadd a` needs one
   word a reading and no stack. */
uint8_t wake_next_input(void) __naked {
  __asm
_sort_next_input::
    inc _next
    mov a, _next
    pcadd a /* with A = 1 to the next word */
#include "window.inc"
  __endasm;
}

void main(void) {
  uint8_t kind;

  CLKMD = 0x34; /* 8 MHz, no watchdog */
  PAC = 0x18;
  for (;;) {
    next = 0;
    kind = 0;
    if (wake_infer()) {
      next = 0;
      kind = sort_infer() + 1;
    }
    PA = kind << 3;
  }
}
