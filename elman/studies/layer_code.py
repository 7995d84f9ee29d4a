"""A recurrent layer as code to copy: for PyTorch in Python, and for the package torch in R.

Both texts carry every argument, and the shapes in their comments are those of the arrays in
`call`. Names as in PyTorch 2 and torch 0.13 for R, whose layers count from 1 ("weight_ih_l1").

The R text has been compared with the reference manual and the source of torch 0.13, but not run:
the names of all arguments; list(h0, c0) as an LSTM's state; list(output, h_n) and, for an LSTM,
list(output, list(h_n, c_n)) as result; packed input with plain numbers as lengths, and packed
output, which comes back in the order of the input.

Source: https://torch.mlverse.org/docs/reference/ (nn_rnn, nn_lstm, nn_gru, nn_utils_rnn_*).
"""

from __future__ import annotations

from collections.abc import Iterable

from elman.studies.layer_pass import LayerCall


def python_code(call: LayerCall) -> str:
    """The layer, an input of the same shape and the call, for PyTorch."""
    arguments = call.arguments
    lines = ["import torch", "from torch import nn", "", f"layer = nn.{arguments.kind}("]
    lines += [f"    {name}={value!r}," for name, value in arguments.settings().items()]
    lines += [")"]
    if arguments.dropout_works:
        lines += _dropout_mode(call, "layer.eval()", "layer.train()")
    lines += ["", f"x = torch.randn({_listed(call.x.shape)})"]
    names = [f"{letter}0" for letter in call.layer.state_names]
    lines += [
        f"{name} = torch.zeros({_listed(start.shape)})"
        for name, start in zip(names, call.starts, strict=True)
    ]
    ends = [f"{letter}_n" for letter in call.layer.state_names]
    start, end = (_tupled(each) for each in (names, ends))
    batch_first = f"batch_first={arguments.batch_first}"
    if arguments.lengths is None:
        lines += [f"output, {end} = layer(x, {start})"]
    else:
        lines += [
            f"lengths = torch.tensor({list(arguments.lengths)})",
            "packed = nn.utils.rnn.pack_padded_sequence(",
            f"    x, lengths, {batch_first}, enforce_sorted=False",
            ")",
            f"packed, {end} = layer(packed, {start})",
            "output, lengths = nn.utils.rnn.pad_packed_sequence(",
            f"    packed, {batch_first}, total_length={arguments.steps}",
            ")",
        ]
    lines += ["", f"print(output.shape)  # torch.Size({list(call.output.shape)})"]
    lines += [
        f"print({name}.shape)  # torch.Size({list(array.shape)})"
        for name, array in zip(ends, call.ends, strict=True)
    ]
    total = sum(p.size for p in call.layer.parameters.values())
    lines += [f"print(sum(p.numel() for p in layer.parameters()))  # {total}"]
    return "\n".join(lines) + "\n"


def r_code(call: LayerCall) -> str:
    """The same for torch in R."""
    arguments = call.arguments
    settings = [f"  {name} = {_r_value(value)}" for name, value in arguments.settings().items()]
    lines = ["library(torch)", "", f"layer <- nn_{arguments.kind.lower()}("]
    lines += [",\n".join(settings), ")"]
    if arguments.dropout_works:
        lines += _dropout_mode(call, "layer$eval()", "layer$train()")
    lines += ["", f"x <- torch_randn({_listed(call.x.shape)})"]
    names = [f"{letter}0" for letter in call.layer.state_names]
    lines += [
        f"{name} <- torch_zeros({_listed(start.shape)})"
        for name, start in zip(names, call.starts, strict=True)
    ]
    start = names[0] if len(names) == 1 else f"list({_listed(names)})"
    batch_first = _r_value(arguments.batch_first)
    if arguments.lengths is None:
        lines += [f"result <- layer(x, {start})", "output <- result[[1]]"]
    else:
        lines += [
            "packed <- nn_utils_rnn_pack_padded_sequence(",
            f"  x, c({_listed(arguments.lengths)}),",
            f"  batch_first = {batch_first}, enforce_sorted = FALSE",
            ")",
            f"result <- layer(packed, {start})",
            "output <- nn_utils_rnn_pad_packed_sequence(",
            f"  result[[1]], batch_first = {batch_first}, total_length = {arguments.steps}",
            ")[[1]]",
        ]
    if len(names) == 1:
        lines += ["h_n <- result[[2]]"]
    else:
        lines += ["h_n <- result[[2]][[1]]", "c_n <- result[[2]][[2]]"]
    lines += ["", f"output$shape  # {_spaced(call.output.shape)}"]
    lines += [
        f"{letter}_n$shape  # {_spaced(array.shape)}"
        for letter, array in zip(call.layer.state_names, call.ends, strict=True)
    ]
    return "\n".join(lines) + "\n"


def _dropout_mode(call: LayerCall, off: str, on: str) -> list[str]:
    if call.layer.training:
        return [f"{on}  # dropout at work"]
    return [f"{off}  # no dropout; {on} turns it on"]


def _listed(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)


def _tupled(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"({_listed(names)})"


def _spaced(shape: tuple[int, ...]) -> str:
    return " ".join(str(n) for n in shape)


def _r_value(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"
