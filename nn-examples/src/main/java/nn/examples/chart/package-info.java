/**
 * Drawings as data: {@link nn.examples.chart.Chart} with lines, bands and points, {@link
 * nn.examples.chart.Histograms}, {@link nn.examples.chart.Heatmap}, and the words below them ({@link
 * nn.examples.chart.Caption}).
 *
 * <p>How they look is decided by {@code nn.examples.report}. A new kind of drawing is a record here that {@link
 * nn.examples.chart.Drawing} permits, and a function of its name in the report's {@code page.js}.
 */
package nn.examples.chart;
