/**
 * Results to read: as text of 80 columns ({@link nn.examples.report.TextReport}), as a page of HTML ({@link
 * nn.examples.report.HtmlReport}), and as JSON and CSV for other programs ({@link nn.examples.report.ResultFiles}).
 *
 * <p>The style and the script of the page are the resources {@code page.css} and {@code page.js} of this package.
 */
package nn.examples.report;
