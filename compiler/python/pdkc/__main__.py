"""The command line of pdkc."""

import ctypes
import sys

from ._library import library


def main():
    words = ["pdkc", *sys.argv[1:]]
    array = (ctypes.c_char_p * (len(words) + 1))(
        *[word.encode("utf-8", "surrogateescape") for word in words], None)
    sys.exit(library.pdkcMain(len(words), array))


if __name__ == "__main__":
    main()
