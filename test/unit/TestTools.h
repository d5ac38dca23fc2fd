//===- TestTools.h - Running SDCC's tools -----------------------*- C++ -*-===//
//
// A folder for one test's files, and commands run in it.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_TEST_UNIT_TESTTOOLS_H
#define PDKC_TEST_UNIT_TESTTOOLS_H

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace pdkc {

/// Whether a program of this name is in the PATH.
inline bool isInstalled(const std::string &tool) {
  const char *path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (std::filesystem::exists(std::filesystem::path(folder) / tool))
      return true;
  return false;
}

class Folder {
public:
  Folder() {
    std::string name = testing::TempDir() + "pdkc-test-XXXXXX";
    if (mkdtemp(name.data()))
      path = name;
    EXPECT_FALSE(path.empty());
  }
  ~Folder() {
    std::error_code ignored;
    if (!path.empty())
      std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;

  void write(const std::string &name, const std::string &text) const {
    std::ofstream(path / name) << text;
  }
  std::string read(const std::string &name) const {
    std::stringstream text;
    text << std::ifstream(path / name).rdbuf();
    return text.str();
  }
  /// Runs a shell command in the folder. It has to succeed and say nothing.
  void run(const std::string &command) const {
    std::string line =
        "cd '" + path.string() + "' && { " + command + "; } >log 2>&1";
    EXPECT_EQ(std::system(line.c_str()), 0) << command;
    EXPECT_EQ(read("log"), "");
  }

private:
  std::filesystem::path path;
};

} // namespace pdkc

#endif // PDKC_TEST_UNIT_TESTTOOLS_H
