"""The example sets and genomes: what they are, and where their files come from.

Hashes are those of the files at their origin. A file without one was joined from several or is a
part of a larger one, so it is read from a local folder only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anndata as ad

from motifbook.data import schema
from motifbook.data.examples import readers as example_readers
from motifbook.data.examples.public import PublicFile, PublicGenome

_CONCISE = "gagneurlab/concise@12078d75f37f:data/RBP"
_DEMO = "const-ae/Neural_Network_DNA_Demo@3404b374717d:data"
_DREAM = "de-Boer-Lab/random-promoter-dream-challenge-2022@f7b2e197f673"
_JANGGU = "BIMSBbioinfo/janggu@5128419cf404:src/janggu/resources"
_KERAS = "gifford-lab/Keras-genomics@53b62b95566e:example"
_MUBIND = "theislab/mubind@3f62f838470e:data"
_ROSSI = "CEGRcode/2021-Rossi_Nature@650fd9e7fa41:04_ChExMix_Peaks"


@dataclass(frozen=True)
class Example:
    """A public set.

    Parameters
    ----------
    what
        In a few words.
    n
        Sequences, without negatives.
    megabytes
        Of the files as they are fetched.
    files
        What `read` reads, in its order.
    read
        Makes an AnnData of the paths and the number of sequences wanted (None: all).
    """

    what: str
    n: int
    megabytes: float
    license: str
    files: tuple[PublicFile, ...]
    read: Callable[[Sequence[Path], int | None], ad.AnnData]

    @property
    def source(self) -> str:
        """Where the files come from."""
        return ", ".join(file.origin for file in self.files)

    @property
    def available(self) -> str:
        """Return "local", "download", or "absent": not local, and not to be fetched."""
        missing = [file for file in self.files if file.find() is None]
        if not missing:
            return "local"
        return "absent" if any(file.sha256 is None for file in missing) else "download"

    def load(self, n: int | None) -> ad.AnnData:
        """Read the set, or `n` sequences of it, always the same."""
        adata = self.read([file.fetch() for file in self.files], n)
        source = f"Source: {self.source}, license {self.license}."
        adata.uns[schema.DONE] = [*adata.uns[schema.DONE], source]
        return adata


_CHROMOSOME = PublicFile(
    "genome/sacCer3_chrIV.fa.gz",
    "vanheeringen-lab/genomepy@1be338be25dd:tests/data/sacCer3/sacCer3.fa",
    "b75408e0b8eefcd95df05f2be83f3d60a61b1a658f0f89b8da2c98b557b199b5",
)

EXAMPLES = {
    "ctcf": Example(
        "human CTCF peaks, 100 letters",
        39_184,
        1.8,
        "MIT",
        (
            PublicFile(
                "chip/ctcf_hg19_100bp.fa.gz",
                f"{_DEMO}/ctcf.fa.gz",
                "29f74f5096f3d6e71125c3b34eabb88d72e422fefeac55c9763b4e588132c4d5",
            ),
        ),
        example_readers.peaks,
    ),
    "ctcf_top": Example(
        "500 strongest human CTCF peaks, 200 letters",
        500,
        0.1,
        "MIT",
        (
            PublicFile(
                "chip/ctcf_top500_w200.fa.gz",
                "vanheeringen-lab/gimmemotifs@74512747f541:"
                "data/examples/Gm12878.CTCF.top500.w200.fa",
                "da17b421f197986ae53a7153e3ee2c47a53d92ccec4abbdf6931af86b8b6efda",
            ),
        ),
        example_readers.peaks,
    ),
    "ctcf_labels": Example(
        "human CTCF peaks and shuffles with a file of labels, 101 letters",
        19_544,
        2.6,
        "MIT",
        (
            PublicFile(
                "chip/ctcf_kerasgenomics_101bp.fa.gz",
                f"{_KERAS}/test.fa",
                "e7c3b95aed5df4cabc0020e3f7a71edfe402441c942aeac2a336857c06888806",
            ),
            PublicFile(
                "chip/ctcf_kerasgenomics.target.gz",
                f"{_KERAS}/test.target",
                "3e065a16ef78ba5eadd0d90383b2fe1b7ce11b0e7210fd006b98f8f9a0ed818b",
            ),
        ),
        example_readers.labeled,
    ),
    "pu1": Example(
        "human PU.1 peaks, 100 letters",
        28_677,
        1.3,
        "MIT",
        (
            PublicFile(
                "chip/pu1_100bp.fa.gz",
                f"{_DEMO}/pu1.fa.gz",
                "5db3f070fa38285600492ae4d2fe58e511ffd3f1573ecf48cc7cff7a2e297a2a",
            ),
        ),
        example_readers.peaks,
    ),
    "oct4": Example(
        "human OCT4 peaks, 200 letters",
        3_897,
        0.9,
        "GPL-3",
        (
            PublicFile(
                "chip/oct4_200bp.fa.gz",
                f"{_JANGGU}/sample.fa",
                "effef1417ad2ca12514d5a4fe72741aaada7b29c16553655c4ed84ad83640e82",
            ),
        ),
        example_readers.peaks,
    ),
    "mafk": Example(
        "human MAFK peaks, 200 letters",
        3_900,
        0.9,
        "GPL-3",
        (
            PublicFile(
                "chip/mafk_200bp.fa.gz",
                f"{_JANGGU}/sample2.fa",
                "0228f9e016bd91c642526136270b4efef75dc2916f906d47785fbe11c0fb94f8",
            ),
        ),
        example_readers.peaks,
    ),
    "abf1": Example(
        "yeast Abf1 peaks of chromosome IV, 200 letters",
        103,
        1.6,
        "MIT",
        (
            PublicFile(
                "genome/rossi2021_Abf1.bed",
                f"{_ROSSI}/Abf1_CX.bed",
                "bfa8454f8064081840b9dba25033ec95a7476fb015853e97224a524a9a0e7f2e",
            ),
            _CHROMOSOME,
        ),
        example_readers.yeast_peaks,
    ),
    "rap1": Example(
        "yeast Rap1 peaks of chromosome IV, 200 letters",
        44,
        1.5,
        "MIT",
        (
            PublicFile(
                "genome/rossi2021_Rap1.bed",
                f"{_ROSSI}/Rap1_CX.bed",
                "3800cbd4a86b5e4e6f41031d37528f32b55f61fc1a122f894548372163d267df",
            ),
            _CHROMOSOME,
        ),
        example_readers.yeast_peaks,
    ),
    "pum2": Example(
        "RNA bound by human PUM2 or not, 101 letters, split as published",
        30_069,
        4.7,
        "MIT",
        (
            PublicFile(
                "chip/pum2_clip_train.csv.gz",
                f"{_CONCISE}/PUM2_train.csv",
                "0da4514f47c0e76d507e0074bd46207b6c633db441022fb3bde99c9ed86a2924",
            ),
            PublicFile(
                "chip/pum2_clip_valid.csv.gz",
                f"{_CONCISE}/PUM2_valid.csv",
                "b6d6f5f3c18854101c209af99d4a318e01e829daed6c7a2ba743dcd1214567d1",
            ),
            PublicFile(
                "chip/pum2_clip_test.csv.gz",
                f"{_CONCISE}/PUM2_test.csv",
                "c4e5dc516a7b33582bfc9cea36b5cb01fa4fda1eccf63c1619db3f34d464a94b",
            ),
        ),
        example_readers.pum2,
    ),
    "gata3": Example(
        "SELEX of human GATA3, 5 cycles of 20,000 reads, 20 letters",
        95_746,
        0.6,
        "MIT",
        (
            PublicFile(
                "selex/gata3_cycle0_20k.txt.gz", f"{_MUBIND}/ZeroCycle_ES0_TGTCGT20NGA_0.txt.gz"
            ),
            *(
                PublicFile(
                    f"selex/gata3_cycle{cycle}_20k.txt.gz",
                    f"{_MUBIND}/GATA3_TGTCGT20NGA_AC_{cycle}.fastq.gz",
                )
                for cycle in range(1, 5)
            ),
        ),
        example_readers.selex,
    ),
    "max": Example(
        "SELEX of MAX, 2 rounds of 2,500 reads",
        4_987,
        0.1,
        "MIT",
        (
            PublicFile(
                "selex/max_R0.fastq.gz",
                f"{_MUBIND}/MAX_R0.fastq.gz",
                "bc69285e50dc51b9d822ff47cf0a4931e327829c175286d50f96c50fe7df1289",
            ),
            PublicFile(
                "selex/max_R1.fastq.gz",
                f"{_MUBIND}/MAX_R1.fastq.gz",
                "99256102202701d2898a8a69f28ed073829657c88b4c710a596efd2d241045f2",
            ),
        ),
        example_readers.selex,
    ),
    "fly": Example(
        "fly STARR-seq, developmental and housekeeping promoter, 249 letters",
        3_000,
        0.3,
        "MIT",
        (
            PublicFile(
                "mpra/fly_deepstarr_3000.tsv.gz",
                f"{_DREAM}:benchmarks/drosophila/data/sample_*.txt",
            ),
        ),
        example_readers.fly,
    ),
    "human": Example(
        "lentiMPRA in human K562 cells, 230 letters, elements in both orientations",
        3_000,
        0.2,
        "MIT",
        (
            PublicFile(
                "mpra/human_k562_lentimpra_3000.tsv.gz",
                f"{_DREAM}:benchmarks/human/data/sample_*.txt",
            ),
        ),
        example_readers.human,
    ),
    "yeast": Example(
        "yeast random promoters with constant flanks, 87 to 135 letters",
        6_370,
        0.8,
        "MIT",
        (
            PublicFile(
                "mpra/yeast_random_6370.txt.gz",
                f"{_DREAM}:data/demo_train.txt",
                "277090c096efb1592d1b017fffef6d83d96817ae4430109ddc5ba45b66dd8ede",
            ),
        ),
        example_readers.yeast,
    ),
    "crx": Example(
        "MPRA in mouse retina, 12 conditions with errors, wild types and mutants, 164 letters",
        2_787,
        0.3,
        "BSD-3-Clause",
        (
            PublicFile(
                "mpra/crx_retina_12cond_dev.tsv.gz",
                "barakcohenlab/retinopathy-manuscript@879830203019:"
                "Library_Details/library_metadata.tsv + barakcohenlab/CRX-Active-Learning@"
                "c2f8b4b600de:Data/Downloaded/retinopathy_data.parquet",
            ),
        ),
        example_readers.crx,
    ),
    "utr5": Example(
        "ribosome load of random human 5' UTRs, 50 letters of RNA",
        2_399,
        0.2,
        "MIT",
        (
            PublicFile(
                "mpra/utr5_mrl_uaug_dev.tsv.gz",
                "johli/scrambler@608f6b50efc1:examples/dna/randomSampleTestingAllAUGtypes.csv",
            ),
        ),
        example_readers.utr5,
    ),
    "mpsa": Example(
        "splicing at variants of a 5' splice site, 9 letters of RNA, split as published",
        30_483,
        0.4,
        "MIT",
        (
            PublicFile(
                "mpra/mpsa_5ss_9nt.csv.gz",
                "jbkinney/mavenn@4553944e31b1:mavenn/examples/datasets/mpsa_data.csv.gz",
                "df1251425d7bae15cbae5922c9b05e7765344fc4bb13970fb44b51370c09cf74",
            ),
        ),
        example_readers.mpsa,
    ),
}

# Hashes of the unpacked files, as published in liuhlab/liulab-genome@0f644e123cd4:
# src/genome/data/assembly_metadata.tsv; those of hg38 and mm10 are quoted by others as well.
_UCSC = "https://hgdownload.soe.ucsc.edu/goldenPath/{name}/bigZips/{name}.fa.gz"

GENOMES = {
    genome.name: genome
    for genome in (
        PublicGenome(
            "sacCer3",
            "genome of baker's yeast",
            17,
            12.4,
            _UCSC.format(name="sacCer3"),
            "6ff72f079c3268431fc514a1a88730f8290e717663d343fa8a3590af65c422c3",
        ),
        PublicGenome(
            "hg38",
            "human genome",
            455,
            3273.5,
            _UCSC.format(name="hg38"),
            "5be01555d98347fdb3714dc84c6f77c9d8bc774adcf32c6f7a8fa06f5baf5e51",
        ),
        PublicGenome(
            "mm10",
            "mouse genome",
            66,
            2785.5,
            _UCSC.format(name="mm10"),
            "db16cb4633191754f1d9cc70e73d2a1f60d03fdf62bcf4902a31a4717a3d2de7",
        ),
    )
}
