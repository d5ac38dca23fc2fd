"""What real exporters wrote means in integers what the files mean."""

import support
from exporters import check, folders


@support.expand
class Exporters(support.EndToEndTest):

    @support.for_each(folders(), name=lambda folder: folder.name)
    def test_import(self, folder):
        """Imported or refused, with the recorded classes and logits."""
        row = check(folder, self.folder)
        self.assertEqual(row["wrong"], "")
