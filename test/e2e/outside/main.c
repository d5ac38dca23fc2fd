/* Compiles the model in the file given, for the range of inputs given, and writes
   the module to the other file. */
#include <pdkc-c.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc != 4)
    return 2;
  FILE *file = fopen(argv[1], "rb");
  if (!file)
    return 2;
  static char model[1 << 20];
  size_t size = fread(model, 1, sizeof model, file);
  fclose(file);

  PdkcOptions options;
  pdkcOptionsInit(&options, sizeof options);
  options.inputRange = argv[2];
  PdkcResult *result = pdkcCompile(model, size, &options);
  const PdkcDiagnostic *said;
  for (size_t i = 0; (said = pdkcResultGetDiagnostic(result, i)); ++i)
    printf("%d %s: %s\n", said->severity, said->node, said->text);
  size_t length = 0;
  const char *text = pdkcResultGetText(result, PDKC_ASSEMBLY, &length);
  if (text && (file = fopen(argv[3], "wb"))) {
    fwrite(text, 1, length, file);
    fclose(file);
  }
  int status = pdkcResultGetStatus(result);
  pdkcResultDestroy(result);
  return status;
}
