@echo off
rem jlink writes a launcher too, but that one does not read NN_JAVA_OPTIONS.
"%~dp0java" %NN_JAVA_OPTIONS% -m nn.examples/nn.examples.Main %*
