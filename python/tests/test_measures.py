"""What ``Monitor.measures`` gives of a run, and that no training ends by it."""

from __future__ import annotations

import json
import os
import sys
import unittest
import warnings
from pathlib import Path
from unittest import mock

from torch import nn

from collapsar import InputError, Monitor, collect

sys.path.insert(0, str(Path(__file__).parent))
from test_monitor import Scratch, blobs  # noqa: E402


class MeasuresTest(Scratch):
    def with_command(self, document: object, code: int = 0) -> mock._patch_dict:
        """A command that prints this document."""
        command = self.run_path.with_name("command")
        command.write_text(f"#!{sys.executable}\nprint({json.dumps(document)!r})\nraise SystemExit({code})\n")
        command.chmod(0o755)
        return mock.patch.dict(os.environ, {"COLLAPSAR": str(command)})

    def test_without_a_command_it_warns_once(self) -> None:
        monitor = Monitor(nn.Linear(12, 4), self.run_path)
        missing = str(self.run_path / "none")
        cases = (
            ({"COLLAPSAR": missing}, f"{missing}: expected a command that runs"),
            ({"COLLAPSAR": "x.js", "PATH": ""}, "node: expected a command that runs"),
            ({"COLLAPSAR": "", "PATH": ""}, "set COLLAPSAR to its path"),
        )
        # No node_modules above.
        with mock.patch("pathlib.Path.cwd", return_value=self.run_path.parent):
            for environment, message in cases:
                with mock.patch.dict(os.environ, environment), warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    self.assertEqual([monitor.measures(), monitor.measures("test")], [None, None])
                    self.assertEqual(len(caught), 1)
                    self.assertIn(message, str(caught[0].message))
        with self.with_command({}, 2), self.assertWarnsRegex(UserWarning, "exit code 2"):
            self.assertIsNone(monitor.measures())
        with self.assertRaisesRegex(InputError, "split"):
            monitor.measures("both")

    def test_later_epochs_that_were_not_finite_are_noted(self) -> None:
        monitor = Monitor(nn.Linear(12, 4), self.run_path)
        point = {"epoch": 2, "nc1": 0.5, "notes": ["a note"], "test": {"nc4": 0.75}}
        document = {"series": [{"epoch": 0}, point], "notFinite": [1, 3, 4]}
        note = "these are of epoch 2: features were not finite at epoch 3, 4"
        with self.with_command(document):
            self.assertEqual(monitor.measures(), {**point, "notes": ["a note", note]})
            self.assertEqual(monitor.measures("test"), {"epoch": 2, "nc4": 0.75, "notes": ["a note", note]})
        with self.with_command({**document, "notFinite": [1]}):
            self.assertEqual(monitor.measures(), point)


class CollectNameTest(Scratch):
    def test_another_kind_of_file_is_refused(self) -> None:
        out = self.run_path.with_name("x.npz")
        with self.assertRaisesRegex(InputError, r"^out: expected a name that ends in \.safetensors.*, got '.*x\.npz'$"):
            collect(nn.Linear(12, 4), [blobs().tensors], out=out)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
