"""`log`: a file of lines into the template of each line."""

import numpy as np
from drain3.drain import Drain
from drain3.masking import LogMasker, MaskingInstruction

from measure import main

MASKS = [
    (r"(?<!\w)\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?!\w)", "IP"),
    (r"(?<!\w)[0-9a-f]{8,}(?:-[0-9a-f]{4,12}){0,4}(?!\w)", "HEX"),
    (r"(?<![A-Za-z_])[-+]?\d+(?:\.\d+)?", "NUM"),
]


def drain(masks):
    """Drain itself, without the persistence and the records of changes around it."""

    def peer(data):
        masker = LogMasker([MaskingInstruction(*mask) for mask in masks], "<", ">")

        def run():
            miner = Drain()
            templates = []
            with open(data / "lines.txt") as file:
                for line in file:
                    text = line.strip()
                    cluster, _ = miner.add_log_message(masker.mask(text) if masks else text)
                    templates.append(cluster.cluster_id)
            return templates

        return run

    return peer


PEERS = {"drain3 with 3 masks": drain(MASKS), "drain3 without masks": drain([])}

if __name__ == "__main__":
    main(PEERS, lambda result: {"lines": len(result), "templates": len(set(result))},
         lambda result: np.array(result, "<u8").tobytes())
