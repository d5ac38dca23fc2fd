/*===- pdkc-c.h - pdkc for C, and for what can call C -------------*- C -*-===*\
|*                                                                            *|
|* Compiles trained low-bit networks from memory to programs for Padauk       *|
|* microcontrollers, and runs these in a simulator.                           *|
|*                                                                            *|
|* All functions but pdkcMain may be called from any number of threads at     *|
|* once; they print nothing, read and write no file but those that the        *|
|* options name (and, where these give the model's path, files beside it that *|
|* hold its tensors), and never end the process. Objects, and all that they   *|
|* give, live until they are destroyed; different threads may read the same   *|
|* one. Texts end in a zero. Strings and arrays that are handed over stay the *|
|* caller's.                                                                  *|
|*                                                                            *|
|* Structs that the caller makes begin with their size, which says how much   *|
|* of them the caller knows; make them by the functions ...Init. Structs that *|
|* the library makes may get longer.                                          *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef PDKC_C_H
#define PDKC_C_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PDKC_EXPORTED __attribute__((visibility("default")))
#else
#define PDKC_EXPORTED
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Rises where something is added; programs built with a smaller one go on. */
#define PDKC_API_VERSION 1

/** The library's PDKC_API_VERSION. */
PDKC_EXPORTED int pdkcGetApiVersion(void);

/** pdkc's version and commit, and LLVM's version, as pdkc --version has them. */
PDKC_EXPORTED const char *pdkcGetVersion(void);

/*===-- Devices -----------------------------------------------------------===*/

typedef struct PdkcDevice {
  const char *name;           /**< as PdkcOptions.mcu takes it */
  const char *instructionSet; /**< pdk13, pdk14 or pdk15 */
  unsigned words;             /**< that a program can use */
  unsigned ramBytes;
  unsigned maxClock; /**< in Hz; 0: no firmware is made for it */
} PdkcDevice;

/** The devices, the smallest first; NULL beyond the last. */
PDKC_EXPORTED const PdkcDevice *pdkcGetDevice(size_t index);

/*===-- Diagnostics -------------------------------------------------------===*/

typedef enum PdkcSeverity {
  PDKC_ERROR = 0,
  PDKC_WARNING = 1,
  PDKC_NOTE = 2
} PdkcSeverity;

typedef struct PdkcDiagnostic {
  PdkcSeverity severity;
  int isNoteOfBefore; /**< explains the last one that is not such a note */
  const char *node;   /**< the graph's node or a place in a text; may be "" */
  const char *text;   /**< one line */
  /** What there is too little of: "code" (words), "ram", "reachable-ram"
      (bytes), "pause" (bit times); "" where it is something else. */
  const char *resource;
  const char *device; /**< that has too little of it; or "" */
  int64_t needed, available;
} PdkcDiagnostic;

/*===-- Compiling ---------------------------------------------------------===*/

typedef enum PdkcFormat {
  PDKC_FORMAT_AUTO = 0, /**< by the path's suffix; without a path ONNX */
  PDKC_FORMAT_ONNX = 1,
  PDKC_FORMAT_MLIR = 2 /**< text, of any of the dialects */
} PdkcFormat;

/** What samples are. */
typedef enum PdkcSampleType {
  PDKC_SAMPLES_AS_ON_DEVICE = 0,
  PDKC_SAMPLES_UINT8 = 1, /**< a byte is a value, or they are refused */
  PDKC_SAMPLES_INT8 = 2
} PdkcSampleType;

/** What is made. The last ones are texts: PDKC_TEXT. */
typedef enum PdkcEmit {
  PDKC_EMIT_MODULE = 0,   /**< to be linked with C */
  PDKC_EMIT_FIRMWARE = 1, /**< complete, with a serial line */
  PDKC_EMIT_ONNX = 2,     /**< the model as imported */
  PDKC_EMIT_LOWBIT = 3,   /**< the model in integers */
  PDKC_EMIT_PLAN = 4,     /**< with a method on each layer */
  PDKC_EMIT_PDK = 5,      /**< the program */
  PDKC_EMIT_VALUES = 6,   /**< what the integers make of the samples, as JSON */
  PDKC_EMIT_EXPLORE = 7   /**< what the model can be, as JSON: pdkc --explore */
} PdkcEmit;

/** As the options of the command line, which README.md explains. Strings may be
    NULL, which is their default. */
typedef struct PdkcOptions {
  size_t size;
  PdkcEmit emit;
  PdkcFormat format;
  const char *path; /**< the model's; NULL: no file is read for it */
  const char *mcu;  /**< "pms150c"; or "auto"; for PDKC_EMIT_EXPLORE all */
  const char *name; /**< "model" */
  char level;       /**< '3', '2' or 's' */
  int64_t maxWords, maxCycles;
  int undocumented;
  const char *inputRange, *inputScale, *inputZeroPoint;
  const char *input;  /**< "auto", "stream", "buffer" */
  const char *output; /**< "class", "logits", "values" */
  const char *outputs;
  int64_t reserveWords, reserveRam;
  int64_t verify; /**< 100 */
  const uint8_t *samples;
  size_t samplesSize;  /**< in bytes */
  int sampleType; /**< PDKC_SAMPLES_... */
  const char *calibrate, *labels; /**< files, which are read */
  int64_t baud, clock;
  const char *tx, *rx;
  int64_t byteGap, vdd;
  /** Told, from the thread that compiles, how many plans have been priced so
      far, and 0, since how many there will be is not known; for
      PDKC_EMIT_EXPLORE how many of how many programs are made. May be NULL. */
  void (*progress)(void *data, int64_t done, int64_t all);
  void *progressData;
} PdkcOptions;

/** Sets the defaults; `size` is sizeof(PdkcOptions). */
PDKC_EXPORTED void pdkcOptionsInit(PdkcOptions *options, size_t size);

typedef struct PdkcResult PdkcResult;

/** Compiles a model of `size` bytes. `options` may be NULL. Always gives a
    result, which is to be destroyed. */
PDKC_EXPORTED PdkcResult *pdkcCompile(const void *model, size_t size,
                                      const PdkcOptions *options);
PDKC_EXPORTED void pdkcResultDestroy(PdkcResult *result);

typedef enum PdkcStatus {
  PDKC_OK = 0,
  PDKC_BAD_MODEL = 1, /**< it is wrong, or does not fit */
  PDKC_BAD_USAGE = 2  /**< of options, whatever the model is */
} PdkcStatus;

PDKC_EXPORTED PdkcStatus pdkcResultGetStatus(const PdkcResult *result);

/** What was said, errors, warnings and notes; NULL beyond the last. */
PDKC_EXPORTED const PdkcDiagnostic *
pdkcResultGetDiagnostic(const PdkcResult *result, size_t index);

typedef enum PdkcText {
  PDKC_ASSEMBLY = 0, /**< .asm, of a module */
  PDKC_HEADER = 1,   /**< .h, of a module */
  PDKC_IHX = 2,      /**< Intel HEX: the firmware; or the module for pdkcRun */
  PDKC_MAP = 3,      /**< .map: what is where in it */
  /** JSON: name, device, instruction_set, words, words_available, bytes,
      bytes_available, cell_bytes, stack_bytes, serial (null, or baud, clock,
      tx, rx, pause_bits, highest_baud_without_pauses, cycles_between_inputs,
      cycles_after_answer), cycles (min, mean, max, bound), samples (given,
      made-up), verified, input (stream, buffer), input_type, inputs (name,
      count, min, max, scale, zero_point), classes, outputs (name, symbol,
      meaning, count, type, scale, offset), layers (node, inputs, outputs,
      method), undocumented (used, words_without). */
  PDKC_REPORT = 4,
  PDKC_TEXT = 5 /**< of the other stages */
} PdkcText;

/** A text of what was made, and its length; NULL where there is none. */
PDKC_EXPORTED const char *pdkcResultGetText(const PdkcResult *result,
                                            PdkcText text, size_t *size);

/** The program's code words from address 0 on, as PDKC_IHX has them; NULL where
    there are none. */
PDKC_EXPORTED const uint16_t *pdkcResultGetWords(const PdkcResult *result,
                                                 size_t *count);

/*===-- Estimates ---------------------------------------------------------===*/

typedef enum PdkcLayerKind {
  PDKC_LAYER_DENSE = 0,
  PDKC_LAYER_CONV = 1,
  PDKC_LAYER_MAX_POOL = 2
} PdkcLayerKind;

/** How sums become the next layer's inputs. */
typedef enum PdkcScaling {
  PDKC_SCALING_SHIFT = 0,     /**< by a power of two */
  PDKC_SCALING_PRODUCT = 1,   /**< by any number, the same for all */
  PDKC_SCALING_BY_CHANNEL = 2 /**< by one for each neuron or channel */
} PdkcScaling;

/** A layer without its weights. */
typedef struct PdkcLayer {
  size_t size;
  PdkcLayerKind kind;
  int64_t outputs; /**< neurons or channels; a pool has as many as its input */
  /** Of a convolution or pool, for each dimension of the input's positions:
      1 and 1 and, at both ends, 0. */
  int64_t kernel[2], strides[2], pads[2];
  int64_t groups;          /**< 1 */
  const int64_t *codebook; /**< the values that weights have */
  size_t codebookSize;
  /** How often each of these is a weight, in relation to the others; NULL: all
      as often. */
  const double *shares;
  /** What sums are clipped to; 0 and 0: they are what comes next, as the last
      layer's are. */
  int64_t activationMin, activationMax;
  PdkcScaling scaling;
} PdkcLayer;

/** Sets the defaults; `size` is sizeof(PdkcLayer). */
PDKC_EXPORTED void pdkcLayerInit(PdkcLayer *layer, size_t size);

typedef struct PdkcNetwork {
  size_t size;
  int64_t inputShape[3]; /**< values; or channels, and one or two dimensions */
  size_t inputRank;
  int64_t inputMin, inputMax; /**< the integers that the device hands over */
  const PdkcLayer *const *layers;
  size_t layerCount;
} PdkcNetwork;

/** Makes it empty; `size` is sizeof(PdkcNetwork). */
PDKC_EXPORTED void pdkcNetworkInit(PdkcNetwork *network, size_t size);

/** What a network of that shape will take: a result whose PDKC_REPORT is about
    that of such a network once it is trained, in less time than
    compiling takes. Where it will not fit, the status is PDKC_BAD_MODEL and a
    diagnostic says of what there is too little. Of the options those of the
    model itself (path, format, ranges and scales of inputs, outputs) say
    nothing here. */
PDKC_EXPORTED PdkcResult *pdkcEstimate(const PdkcNetwork *network,
                                       const PdkcOptions *options);

/*===-- Simulation --------------------------------------------------------===*/

typedef struct PdkcRunOptions {
  size_t size;
  const char *mcu;     /**< NULL: as the map says */
  size_t sampleBytes;  /**< 0: as the map says */
  uint64_t cycleLimit; /**< of a sample, or a firmware's wait: 100000000 */
  int undocumented;    /**< LDSPTL and LDSPTH break no rule */
} PdkcRunOptions;

/** Sets the defaults; `size` is sizeof(PdkcRunOptions). */
PDKC_EXPORTED void pdkcRunOptionsInit(PdkcRunOptions *options, size_t size);

typedef struct PdkcRun PdkcRun;

/** Runs a module on samples, one after the other, each of as many bytes as the
    module takes, by its .ihx and .map, pdkc's own or those of a linked program;
    or a firmware, which is talked to by its pins at its own rate (its cycles
   are those from the last bit of a sample to the answer). `options` may be
   NULL. Always gives a run, which is to be destroyed. */
PDKC_EXPORTED PdkcRun *pdkcRun(const char *ihx, size_t ihxSize, const char *map,
                               size_t mapSize, const uint8_t *samples,
                               size_t samplesSize,
                               const PdkcRunOptions *options);
PDKC_EXPORTED void pdkcRunDestroy(PdkcRun *run);

/** NULL where all samples were run and no rule of the device was broken; else
    what went wrong, as one line. */
PDKC_EXPORTED const char *pdkcRunGetError(const PdkcRun *run);

/** Samples that came to an end, the first ones. */
PDKC_EXPORTED size_t pdkcRunGetCount(const PdkcRun *run);
/** Of each of them the class, and the cycles. */
PDKC_EXPORTED const uint8_t *pdkcRunGetClasses(const PdkcRun *run);
PDKC_EXPORTED const uint64_t *pdkcRunGetCycles(const PdkcRun *run);
/** Of each of them the bytes of the report's outputs, in their order, low byte
    first; `bytes` is how many a sample has. */
PDKC_EXPORTED const uint8_t *pdkcRunGetOutputs(const PdkcRun *run,
                                               size_t *bytes);

typedef struct PdkcRunSummary {
  uint64_t minCycles, maxCycles;
  double meanCycles;
  unsigned stackBytes; /**< most of them, the call included */
} PdkcRunSummary;

PDKC_EXPORTED const PdkcRunSummary *pdkcRunGetSummary(const PdkcRun *run);

/** A rule of the device that the program broke. */
typedef struct PdkcViolation {
  const char *rule; /**< such as "stack-overflow" */
  const char *text;
  unsigned word;   /**< address of the instruction */
  size_t sample;   /**< the first one */
  uint64_t count;
} PdkcViolation;

/** NULL beyond the last. */
PDKC_EXPORTED const PdkcViolation *pdkcRunGetViolation(const PdkcRun *run,
                                                       size_t index);

/*===-- The command line --------------------------------------------------===*/

/** What the tool pdkc does with these words, the first one its name; gives its
    exit status. This alone prints, reads and writes files, and may end the
    process. Once in a process. */
PDKC_EXPORTED int pdkcMain(int argc, const char *const *argv);

#ifdef __cplusplus
}
#endif

#endif /* PDKC_C_H */
