package nn.examples.chart;

/** A drawing as data; the report decides how it looks. */
public sealed interface Drawing permits Chart, Histograms, Heatmap {
    /**
     * The heading.
     *
     * @return a few words
     */
    String title();

    /**
     * A text alternative for readers who cannot see the drawing.
     *
     * @return one or two sentences about the contents, with the main numbers
     */
    String alternative();
}
