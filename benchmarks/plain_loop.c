/* Elman's training step as a plain loop: one-step gradient, logistic units, no momentum,
   the context reset before the first step. The yardstick of benchmarks/kernel.py. */
#include <math.h>

double train(long steps, long n_in, long n_hidden, long n_out, const double *inputs,
             const double *targets, double learning_rate, double context_start, double *W_ih,
             double *W_hh, double *W_ho, double *b_h, double *b_o, double *context,
             double *hidden, double *delta) {
    double squared = 0.0;
    for (long i = 0; i < n_hidden; i++) context[i] = context_start;
    for (long t = 0; t < steps; t++) {
        const double *x = inputs + t * n_in;
        for (long i = 0; i < n_hidden; i++) {
            double z = b_h[i];
            for (long k = 0; k < n_in; k++) z += W_ih[i * n_in + k] * x[k];
            for (long j = 0; j < n_hidden; j++) z += W_hh[i * n_hidden + j] * context[j];
            hidden[i] = 1.0 / (1.0 + exp(-z));
            delta[i] = 0.0;
        }
        for (long o = 0; o < n_out; o++) {
            double z = b_o[o];
            for (long i = 0; i < n_hidden; i++) z += W_ho[o * n_hidden + i] * hidden[i];
            double y = 1.0 / (1.0 + exp(-z));
            double error = targets[t * n_out + o] - y;
            squared += error * error;
            double d = error * y * (1.0 - y);
            for (long i = 0; i < n_hidden; i++) {
                delta[i] += d * W_ho[o * n_hidden + i];
                W_ho[o * n_hidden + i] += learning_rate * d * hidden[i];
            }
            b_o[o] += learning_rate * d;
        }
        for (long i = 0; i < n_hidden; i++) {
            double d = learning_rate * delta[i] * hidden[i] * (1.0 - hidden[i]);
            for (long k = 0; k < n_in; k++) W_ih[i * n_in + k] += d * x[k];
            for (long j = 0; j < n_hidden; j++) W_hh[i * n_hidden + j] += d * context[j];
            b_h[i] += d;
        }
        for (long i = 0; i < n_hidden; i++) context[i] = hidden[i];
    }
    return squared;
}
