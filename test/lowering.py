"""How a model whose methods are chosen becomes a program on virtual cells: what
compiler/Planner.cpp's lowerToCells does, as options of pdkc-opt. The one place
where tests spell it.
"""

DEVICES = ("pms150c", "pfs154", "pfs173")  # one of each instruction set


def passes(device, undocumented=False):
    to_pdk = f"device={device}"
    if undocumented:
        to_pdk += " undocumented=true"
    return ["--lowbit-flatten", "--lowbit-zero-base", "--lowbit-narrow-ranges",
            "--lowbit-specialize", f"--lowbit-to-pdk={to_pdk}"]
