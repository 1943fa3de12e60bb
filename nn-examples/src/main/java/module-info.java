/**
 * The launcher, its examples and the claims lab. Exports nothing. The command line is read by picocli (Apache License
 * 2.0), the only dependency; the library modules have none.
 */
module nn.examples {
    requires nn.train;
    requires info.picocli;

    uses nn.examples.sweep.TrialExecutor;
}
