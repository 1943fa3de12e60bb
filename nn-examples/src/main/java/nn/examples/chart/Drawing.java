package nn.examples.chart;

/** Data to look at; how it is drawn is the report's business. */
public sealed interface Drawing permits Chart, Histograms, Heatmap {
    /**
     * The heading.
     *
     * @return a few words
     */
    String title();

    /**
     * What is to be seen, for those who do not see it.
     *
     * @return a sentence or two that say what the drawing shows, with its main numbers
     */
    String alternative();
}
