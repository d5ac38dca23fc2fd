"""Files with random faults (mutated_files.py): compiled or refused, no more."""

from mutated_files import default_files, try_one
from support import EndToEndTest, expand, for_each

COUNT = 15  # files a test


@expand
class MutatedFilesTest(EndToEndTest):

    @for_each(range(0, 60, COUNT))
    def test_files(self, first):
        # The files that others of the repository's tests may add come later.
        files = [path for path in default_files() if "shared" not in path.parts]
        for seed in range(first, first + COUNT):
            with self.subTest(seed=seed):
                self.assertEqual(try_one(seed, files), "")
