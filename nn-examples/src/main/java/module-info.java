/** The launcher, its examples and the claims lab. Exports nothing. */
module nn.examples {
    requires nn.train;
    requires info.picocli;

    uses nn.examples.sweep.TrialExecutor;
}
