"""The smallest app with something to change; viewers.py starts it."""

import streamlit as st

st.number_input("Seed", value=0, key="seed")
