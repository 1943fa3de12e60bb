/**
 * Attention, and the layers that tell it where a position is: {@link nn.layers.attention.Attention}, {@link
 * nn.layers.attention.Rotary}, {@link nn.layers.attention.LearnedPositions} and {@link
 * nn.layers.attention.SinusoidalPositions}. Sequences are [batch x time x features].
 *
 * <p>A transformer block is not a class but a recipe: attention and two dense layers, each with a normalization and
 * with its input added. A small GPT (Radford and others, 2019), whose normalizations come first:
 *
 * <pre>{@code
 * Embedding table = Embedding.of(5000, 128).weight(Init.normal(0.02)).create(key.child("words"));
 * Network.Builder blocks = Network.builder(key)
 *         .tokens()                                     // [batch x time]
 *         .layer("words", table)
 *         .layer("positions", LearnedPositions.of(256));
 * for (int i = 1; i <= 6; i++) {
 *     blocks.layer("attend" + i, Residual.of(body -> body.layerNorm("norm")
 *                     .layer("attention", Attention.heads(4).causal())))
 *             .layer("think" + i, Residual.of(body -> body.layerNorm("norm")
 *                     .dense("up", 512).gelu()
 *                     .dense("down", 128)));
 * }
 * Network gpt = blocks.layerNorm("norm")
 *         .layer("head", table.tied())                  // the table of words is the weight of the output, too
 *         .build();
 * }</pre>
 *
 * <p>With the normalization last (Vaswani and others, 2017), a block is
 *
 * <pre>{@code
 * builder.layer("attend1", Residual.of(body -> body.layer("attention", Attention.heads(4))))
 *         .layerNorm("norm1")
 *         .layer("think1", Residual.of(body -> body.dense("up", 512).relu().dense("down", 128)))
 *         .layerNorm("norm2");
 * }</pre>
 *
 * <p>A text is generated word by word with a {@link nn.layers.Carry}, as with recurrent layers. Attention then carries
 * the keys and values of earlier words, and the layers of positions carry their number. Each word gets the same bits
 * as if the whole text had been run at once:
 *
 * <pre>{@code
 * Carry carry = new Carry();
 * Tensor next = x;                                      // the text so far, [1 x time]
 * for (int i = 0; i < 100; i++) {
 *     Tensor scores = model.forward(next, carry.over(Context.inference())).output();
 *     carry.advance();
 *     int[] likeliest = scores.row(0).argMaxRows();     // the word after each position
 *     next = Tensor.of(new float[] {likeliest[likeliest.length - 1]}, 1, 1);
 * }
 * }</pre>
 *
 * <p>Texts of different lengths are padded at the end, and stand in a {@link nn.layers.network.Masking}, which takes
 * the time first: a {@code timeMajor()} before attention in it swaps the axes, and another one swaps them back for
 * layers that combine the steps. No query then sees a key of the padding:
 *
 * <pre>{@code
 * Network.builder(key).tokens().timeMajor()             // [time x batch], 0 after the end of a text
 *         .layer("text", Masking.of(0, text -> text
 *                 .layer("words", Embedding.of(5000, 64))
 *                 .timeMajor()                          // [batch x time x features]
 *                 .layer("positions", SinusoidalPositions.of())
 *                 .layer("block", Residual.of(body -> body.layerNorm("norm").layer("attention", Attention.heads(4))))
 *                 .timeMajor()
 *                 .layer("mean", new MeanOverTime())))
 *         .dense("class", 2);
 * }</pre>
 *
 * <p>A new layer belongs here if its positions look at each other, or if it adds the place of a position to its
 * features.
 */
@NullMarked
package nn.layers.attention;

import org.jspecify.annotations.NullMarked;
