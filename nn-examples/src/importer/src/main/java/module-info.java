/** Somebody else's experiment: it requires one module of nn, and extends it from outside. */
module importer {
    requires nn.train;
}
