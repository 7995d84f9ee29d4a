"""About: the network, how it is trained, the sources, and what the paper leaves open."""

import streamlit as st

from elman.analysis import glossary
from elman.ui import menu, page, prose

menu.hand_over()

page.header("About", "What is an Elman network, and what does its author leave unsaid?")

st.subheader("How to read the pages")
prose.say(
    """
- A network sees one **symbol** (a bit, a letter, a word) at a time and predicts the next one.
- The **loss** of an epoch is the mean squared error of its predictions: 0 if all are perfect. Only
  what lies above the **floor** can be learned.
- Letters are described by six yes-or-no **features**: consonant; vowel; interrupted (the air flow
  stops, as in b, d, g); high and back (where the tongue is); voiced (the vocal cords move).
- One run shows what can happen, not what usually happens. Change the **seed** and look again, or
  train many of them on the page **Compare**.
"""
)
with st.expander("Glossary", expanded=True):
    prose.say(glossary.explained(list(glossary.TERMS)))
    prose.caption(
        "Pages explain each of these words where they use it first: look for the ? beside it."
    )

st.subheader("The network")
prose.say(
    """
A sequence comes in one symbol at a time, and the network guesses the next one. What it saw
before can help only if it is kept somewhere: Jeffrey Elman's network (1990) keeps a copy of its
own hidden layer. At each step the **hidden** units see the **input** $x$ and the **context** $c$,
which holds the hidden activations $h$ of the step before:
"""
)
st.latex(
    r"""
\begin{aligned}
h &= f(W_{ih}\,x + W_{hh}\,c + b_h) \\
y &= s(W_{ho}\,h + b_o) \\
c &\leftarrow h \quad\text{after the weights have changed}
\end{aligned}
"""
)
prose.say(
    """
| symbol | in the code | meaning |
|---|---|---|
| $x,\\ c,\\ h$ | `x`, `context`, `hidden` | input, context, hidden activations |
| $y,\\ d$ | `output`, `target` | what the network answers, what came |
| $W_{ih},\\ W_{hh}$ | `W_ih`, `W_hh` | weights from input and from context to hidden |
| $W_{ho}$ | `W_ho` | weights from hidden to output |
| $b_h,\\ b_o$ | `b_h`, `b_o` | biases of the hidden and output units |
| $f$ | `activation` | logistic (sigmoid), tanh or ReLU |
| $s$ | `logistic` | $s(z) = 1 / (1 + e^{-z})$, always, for the outputs |
"""
)

st.subheader("How it is trained")
prose.say(
    r"""
After every step the weights move a little downhill on half the squared error
$\tfrac12\sum (d - y)^2$, by a step whose size $\eta$ is the **learning rate**. The errors that
reach the output and the hidden units are called $\delta_o$ and $\delta_h$:

$$
\delta_o = (d - y)\, y\,(1 - y) \qquad
\delta_h = f'(h)\; W_{ho}^{\top} \delta_o
$$
$$
\Delta W_{ho} = \eta\, \delta_o h^{\top} \qquad
\Delta W_{ih} = \eta\, \delta_h x^{\top} \qquad
\Delta W_{hh} = \eta\, \delta_h c^{\top}
$$

The context counts as one more input, so the error does not flow back through it to earlier steps:
that is Elman's one-step gradient, **gradient depth** 1 in the sidebar. A depth of $k$ lets the
error flow back through the last $k$ steps (truncated backpropagation through time). With
**momentum** a share of the last change is added to the next one.

The order matters. $\Delta W_{hh}$ needs the context that the step *used*. Some public programs copy
the new hidden layer into the context before they change the weights; they then train on the wrong
activations, and nothing on the screen says so.

The **loss** of an epoch is the squared error averaged over outputs and steps, measured while the
network learns. The **floor** is the same average for an ideal predictor that knows the rule: for a
fair coin the best answer is 0.5, and its squared error 0.25.
"""
)

st.subheader("Context reset")
prose.say(
    """
Elman started the context at 0.5 and let it run on without a break. Programs for teaching often
set it back before each pass. The sidebar offers both and four more. **Growing** windows follow the
idea of Elman (1993), a memory that starts small: three or four groups at first, longer in stages,
at last no reset. The lengths of the stages are ours (12, 5, 5, 5 and 5 parts of 32), and other
authors did not find that starting small helps (Rohde and Plaut 1999).
"""
)

st.subheader("What the paper does not say")
prose.say(
    """
- **Learning rate, momentum, range of the first weights, biases:** not stated for any simulation.
  The values here are choices; the preset *paper* takes from the paper only what it states.
- **Squared or root mean squared:** the captions of Figures 3 to 6 say root mean squared, the text
  says squared. Figure 3 cannot be RMS: for a fair coin the RMS error of any answer is at least 0.5,
  and the figure stays below 0.35.
- **How many runs, and how many failed:** not stated. One run proves little; change the seed and
  look again.
- **XOR with two hidden units:** Figure 3 shows a dip at the XOR bit (about 0.17), not a solution,
  and its mean (about 0.27) is worse than always answering 0.5.
- **Length of the letter sequence:** 1,000 consonants are stated; about 3,000 letters follow.
"""
)

st.subheader("Sources")
prose.say(
    """
- J. L. Elman (1990). Finding structure in time. *Cognitive Science* 14, 179-211.
- J. L. Elman (1993). Learning and development in neural networks: the importance of starting small.
  *Cognition* 48, 71-99.
- D. L. T. Rohde and D. C. Plaut (1999). Language acquisition in the absence of explicit negative
  evidence: how important is starting small? *Cognition* 72, 67-109.
- R. J. Williams and J. Peng (1990). An efficient gradient-based algorithm for on-line training of
  recurrent network trajectories. *Neural Computation* 2, 490-501.
"""
)
