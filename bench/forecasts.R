# Forecasts of a sample by R's package forecast, in the form of
# bench/forecasts.sh: file of series, name of the set.
suppressPackageStartupMessages(library(forecast))
arguments <- commandArgs(trailingOnly = TRUE)
sample <- read.csv(arguments[1], header = FALSE, col.names = c("set", "id", "season", "horizon", "train", "test"), colClasses = "character")
sample <- sample[sample$set == arguments[2], ]
numbers <- function(text) as.numeric(strsplit(text, " ")[[1]])

measure <- function(method) {
    result <- matrix(nrow = 0, ncol = 5)
    for (i in seq_len(nrow(sample))) {
        season <- as.integer(sample$season[i])
        horizon <- as.integer(sample$horizon[i])
        train <- ts(numbers(sample$train[i]), frequency = season)
        test <- numbers(sample$test[i])
        took <- system.time(f <- method(train, horizon))[["elapsed"]]
        scale <- mean(abs(diff(as.numeric(train), season)))
        mean <- as.numeric(f$mean); lower <- as.numeric(f$lower); upper <- as.numeric(f$upper)
        result <- rbind(result, c(mean(200 * abs(test - mean) / (abs(test) + abs(mean))), mean(abs(test - mean)) / scale,
            mean(test >= lower & test <= upper),
            mean(upper - lower + 40 * pmax(lower - test, 0) + 40 * pmax(test - upper, 0)) / scale, 1000 * took))
    }
    colMeans(result)
}
row <- function(name, method) {
    m <- measure(method)
    cat(sprintf("| %s | %d | %s | %.2f | %.3f | %.3f | %.2f | %.3f |\n", arguments[2], nrow(sample), name, m[1], m[2], m[3], m[4], m[5]))
}
row("R thetaf", function(x, h) thetaf(x, h, level = 95))
row("R ets", function(x, h) forecast(ets(x), h, level = 95))
