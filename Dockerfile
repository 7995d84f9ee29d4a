# The app as an ordinary user, with the versions that were tested. docs/hosting.md says more.
FROM python:3.11-slim
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN useradd --create-home elman
USER elman
EXPOSE 8501
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"]
# A variable that cannot be used ends it here, with a sentence that names it.
CMD ["sh", "-c", "python -m elman.ui.limits && exec python -m streamlit run streamlit_app.py --server.address=0.0.0.0 --server.port=8501 --server.headless=true --server.fileWatcherType=none"]
