/* A C program around a model: classifies one image, kept in ROM, over and over,
   and shows the class as a binary number on PA.3, PA.4, PA.6 and PA.7. */

#include "model.h"

__sfr __at(0x03) CLKMD;
__sfr __at(0x10) PA;
__sfr __at(0x11) PAC;

static uint8_t next; /* pixels given out */

/* Gives the next pixel. A table of `ret #k` right behind a `pcadd a` needs one
   word a pixel and no stack; image.inc, made by the Makefile, is that table. */
uint8_t model_next_input(void) __naked {
  __asm
    inc _next
    mov a, _next
    pcadd a /* with A = 1 to the next word */
#include "image.inc"
  __endasm;
}

void main(void) {
  uint8_t class;

  CLKMD = 0x34; /* 8 MHz, no watchdog */
  PAC = 0xD8;
  for (;;) {
    next = 0;
    class = model_infer();
    /* Bits 2 and 3 one pin further up: PA.5 cannot drive high. */
    PA = (class + (class & 12)) << 3;
  }
}
