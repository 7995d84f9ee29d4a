library(torch)

layer <- nn_lstm(
  input_size = 3,
  hidden_size = 4,
  num_layers = 2,
  bias = FALSE,
  batch_first = TRUE,
  dropout = 0.2,
  bidirectional = TRUE
)
layer$eval()  # no dropout; layer$train() turns it on

x <- torch_randn(2, 5, 3)
h0 <- torch_zeros(4, 2, 4)
c0 <- torch_zeros(4, 2, 4)
packed <- nn_utils_rnn_pack_padded_sequence(
  x, c(3, 5),
  batch_first = TRUE, enforce_sorted = FALSE
)
result <- layer(packed, list(h0, c0))
output <- nn_utils_rnn_pad_packed_sequence(
  result[[1]], batch_first = TRUE, total_length = 5
)[[1]]
h_n <- result[[2]][[1]]
c_n <- result[[2]][[2]]

output$shape  # 2 5 8
h_n$shape  # 4 2 4
c_n$shape  # 4 2 4
