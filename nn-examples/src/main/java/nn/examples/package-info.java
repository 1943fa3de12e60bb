/**
 * The launcher and its examples. {@link nn.examples.Main} reads the command line; every other public word of it is an
 * {@link nn.examples.Example}, one class each.
 *
 * <p>To add an example, write a class that implements {@link nn.examples.Example}, or extends {@link
 * nn.examples.Story} if it states expected numbers and measures them, and list it in {@link nn.examples.Main}.
 */
package nn.examples;
