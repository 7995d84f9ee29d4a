"""XOR in time: one run of "Finding Structure in Time, the interactive edition".

It needs the library `elman` of this app:
put it into the folder that holds `elman`, beside `streamlit_app.py`.
"""

from elman import Experiment, run, tasks
from elman.analysis.errors import by_position
from elman.analysis.replay import replay

experiment = Experiment(
    task='xor',
    length=300,
    epochs=5,
)

trained = run(experiment)
print(f"Loss after 5 epochs: {float(trained.losses[4])!r}")
print("It was 0.2505034256583522 in the run that this was saved from.")

new = tasks.new_sequence(experiment)
outputs = replay(trained, new).outputs
errors = by_position(outputs, new, tasks.task_of(experiment))
print(errors[["position", "squared", "squared_floor"]].to_string(index=False))
