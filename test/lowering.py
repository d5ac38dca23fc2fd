"""How a model whose methods are chosen becomes a program on virtual cells, as
options of pdkc-opt. The one place where tests spell it.
"""

DEVICES = ("pms150c", "pfs154", "pfs173")  # one of each instruction set


def passes(device, undocumented=False):
    to_pdk = f"mcu={device}"
    if undocumented:
        to_pdk += " undocumented=true"
    return ["--lowbit-flatten", "--lowbit-rebase-inputs",
            "--lowbit-narrow-ranges", "--lowbit-store-inputs",
            "--lowbit-fuse", f"--pdkc-lower={to_pdk}"]
