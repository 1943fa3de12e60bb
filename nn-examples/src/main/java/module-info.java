/** Programs that show the library at work: one launcher, mains only, nothing to import. */
module nn.examples {
    requires nn.train;
    requires info.picocli;
}
