/** What the readers of several file formats share. Not exported. */
package nn.train.internal;
