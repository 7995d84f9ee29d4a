"""Pictures of a layer: the stack, the stack unrolled, and the numbers in it."""

from drawing import Drawing

from elman.charts import layers as charts
from elman.studies import layer_pass
from elman.studies.layer_pass import LayerArguments, run_layer

BOTH = LayerArguments(num_layers=2, bidirectional=True, batch=2, lengths=(3, 5))


def test_the_unrolled_stack_draws_every_state_and_leaves_padding_out():
    drawing = Drawing(charts.unrolled_stack(BOTH, 0))
    says = [mark.says["Here"] for mark in drawing.saying(Here=None)]
    # x, two directions, both, two directions, output: seven rows, each with two padded steps.
    assert says.count("padding") == 7 * 2
    assert sum("step" in words for words in says) == 7 * 3
    assert {f"{name}[{row}]" for name in ("h0", "h_n") for row in range(4)} <= {*drawing.texts}
    rows = ["x", "layer 1 →", "layer 1 ←", "both, 8", "layer 2 →", "layer 2 ←", "output"]
    assert drawing.ticks("Y") == rows
    # Backward states start on the right.
    drawing = Drawing(charts.unrolled_stack(LayerArguments(bidirectional=True), 0))
    at = {m.says["Here"].split(":")[0]: m.points[0][0] for m in drawing.saying(Here=None)}
    assert at["initial state h0[0]"] < at["final state h_n[0]"]
    assert at["initial state h0[1]"] > at["final state h_n[1]"]


def test_long_sequences_and_wide_layers_show_a_part_of_themselves_and_every_number_of_it():
    ends = {1: [1], 8: [*range(1, 9)], 9: [1, 2, 3, 4, 7, 8, 9], 50: [1, 2, 3, 4, 48, 49, 50]}
    assert {steps: charts.shown_steps(steps) for steps in ends} == ends
    table = layer_pass.flow_table(run_layer(LayerArguments(hidden_size=30)), 0)
    assert "8 of 30" in Drawing(charts.flow_map(table)).texts
    for arguments in BOTH, LayerArguments(kind="GRU", batch_first=True, steps=30):
        made = run_layer(arguments)
        stack = Drawing(charts.folded_stack(arguments)).texts
        assert {f"x: {arguments.input_size}", f"output: {made.layer.output_size}"} <= {*stack}
        flow = layer_pass.flow_table(made, 0)
        drawing = Drawing(charts.flow_map(flow))
        assert drawing.axes["X"] == "Step"
        shown = flow[flow["step"].isin(charts.shown_steps(arguments.steps))]["value"].dropna()
        numbers = [m.says["value"] for m in drawing.of("rect mark") if "value" in m.says]
        assert sorted(numbers) == sorted(f"{value:+.4f}".replace("-", "−") for value in shown)
