"""Random graphs in the shapes of all exporters: none differs from ONNX Runtime
in a sample that float32 decides; what is refused has a good reason.

random_graphs.py runs more of them and tells about a single one.
"""

from random_graphs import FAILURES, summary, try_graph, unexpected
from support import EndToEndTest, expand, for_each

GRAPHS = 300
BATCH = 20


@expand
class GraphsTest(EndToEndTest):

    @for_each(range(0, GRAPHS, BATCH), lambda first: f"from_{first:03}")
    def test_graphs(self, first):
        tried = [try_graph(n) for n in range(first, first + BATCH)]
        bad = [str(one) for one in tried
               if one.comparison.outcome in FAILURES or unexpected(one)]
        self.assertFalse(bad, "\n" + "\n".join(bad))
        self.note = summary(tried)
