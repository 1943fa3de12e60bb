/** What several packages of the module share. Not exported. */
package nn.train.internal;
