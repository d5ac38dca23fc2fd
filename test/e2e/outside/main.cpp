// Compiles the model in the file given, for the range of inputs given, runs it on
// the samples in the second file and writes their classes to the third.
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <pdkc-c.h>
#include <string>

static std::string read(const char *path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int main(int argc, char **argv) {
  if (argc != 5)
    return 2;
  std::string model = read(argv[1]), samples = read(argv[3]);
  PdkcOptions options;
  pdkcOptionsInit(&options, sizeof(options));
  options.inputRange = argv[2];
  std::unique_ptr<PdkcResult, void (*)(PdkcResult *)> result(
      pdkcCompile(model.data(), model.size(), &options), pdkcResultDestroy);
  if (int status = pdkcResultGetStatus(result.get()))
    return status;
  size_t ihxSize, mapSize;
  const char *ihx = pdkcResultGetText(result.get(), PDKC_IHX, &ihxSize);
  const char *map = pdkcResultGetText(result.get(), PDKC_MAP, &mapSize);
  std::unique_ptr<PdkcRun, void (*)(PdkcRun *)> run(
      pdkcRun(ihx, ihxSize, map, mapSize,
              reinterpret_cast<const uint8_t *>(samples.data()), samples.size(),
              nullptr),
      pdkcRunDestroy);
  if (const char *error = pdkcRunGetError(run.get())) {
    std::cout << error << "\n";
    return 1;
  }
  std::ofstream(argv[4], std::ios::binary)
      .write(reinterpret_cast<const char *>(pdkcRunGetClasses(run.get())),
             std::streamsize(pdkcRunGetCount(run.get())));
  return 0;
}
