package org.bongsu.build;

import com.google.javascript.jscomp.CheckLevel;
import com.google.javascript.jscomp.CompilationLevel;
import com.google.javascript.jscomp.Compiler;
import com.google.javascript.jscomp.CompilerOptions;
import com.google.javascript.jscomp.CompilerOptions.LanguageMode;
import com.google.javascript.jscomp.DiagnosticGroups;
import com.google.javascript.jscomp.JSError;
import com.google.javascript.jscomp.Result;
import com.google.javascript.jscomp.SourceFile;
import com.google.javascript.jscomp.SourceMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.stream.Stream;

/**
 * The build step for the scripts: checks that all of them are JavaScript of the fifth edition and name only what a browser of
 * that time has ({@code src/build/js/externs.js}), and writes smaller copies of some.
 *
 * <p>Knows the Closure Compiler and the JDK, and no other class of ours: Maven runs this one file, so that a WAR can be built
 * without compiling the tests.
 */
public final class Scripts {
    private final Path folder;
    private final List<SourceFile> externs;

    public Scripts(Path folder, Path externs) {
        this.folder = folder;
        this.externs = List.of(SourceFile.fromFile(externs.toString()));
        Compiler.setLoggingLevel(Level.OFF);
    }

    /**
     * @param arguments the folder of the scripts; the externs; the folder to write to; then one for each copy: its name and, in
     *     their order, the names of the scripts that it joins, {@code all.min.js=first,second}
     */
    public static void main(String[] arguments) throws IOException {
        Scripts scripts = new Scripts(Path.of(arguments[0]), Path.of(arguments[1]));
        Path target = Path.of(arguments[2]);
        List<String> complaints = scripts.complaints(List.of());
        if (!complaints.isEmpty()) {
            System.err.println(String.join("\n", complaints));
            System.exit(1);
        }
        for (String copy : List.of(arguments).subList(3, arguments.length)) {
            int equals = copy.indexOf('=');
            scripts.write(
                    target,
                    copy.substring(0, equals),
                    List.of(copy.substring(equals + 1).split(",")));
        }
    }

    /**
     * What is wrong with the scripts of the folder and those below it, and with these others: each with file, line and what it is.
     */
    public List<String> complaints(List<SourceFile> others) throws IOException {
        List<SourceFile> all = new ArrayList<>(others);
        // The one that declares the namespace comes first, as on a page.
        Comparator<Path> order = Comparator.comparing(file -> !file.endsWith("bongsu.js"));
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> file.toString().endsWith(".js"))
                    .sorted(order.thenComparing(Comparator.naturalOrder()))
                    .map(file -> SourceFile.fromFile(file.toString()))
                    .forEach(all::add);
        }
        CompilerOptions options = options();
        options.setChecksOnly(true);
        return complaints(new Compiler().compile(externs, all, options));
    }

    /** Writes one copy, and the map that leads a debugger from it back to the scripts. */
    private void write(Path target, String name, List<String> scripts) throws IOException {
        CompilerOptions options = options();
        CompilationLevel.SIMPLE_OPTIMIZATIONS.setOptionsForCompilationLevel(options);
        // It is a file of its own, never within a page.
        options.setTrustedStrings(true);
        options.setLineLengthThreshold(Integer.MAX_VALUE);
        options.setSourceMapOutputPath(name + ".map");
        options.setSourceMapIncludeSourcesContent(true);
        // The scripts are served beside the copy.
        options.setSourceMapLocationMappings(List.of(new SourceMap.PrefixLocationMapping(folder + "/", "")));
        Compiler compiler = new Compiler();
        List<SourceFile> inputs = scripts.stream()
                .map(script ->
                        SourceFile.fromFile(folder.resolve(script + ".js").toString()))
                .toList();
        List<String> complaints = complaints(compiler.compile(externs, inputs, options));
        if (!complaints.isEmpty()) throw new IllegalStateException(String.join("\n", complaints));
        Files.createDirectories(target);
        Files.writeString(target.resolve(name), compiler.toSource() + "\n//# sourceMappingURL=" + name + ".map\n");
        StringBuilder map = new StringBuilder();
        compiler.getSourceMap().appendTo(map, name);
        Files.writeString(target.resolve(name + ".map"), map);
    }

    private static CompilerOptions options() {
        CompilerOptions options = new CompilerOptions();
        options.setLanguageIn(LanguageMode.ECMASCRIPT5_STRICT);
        options.setLanguageOut(LanguageMode.ECMASCRIPT5_STRICT);
        options.setRewritePolyfills(false);
        options.setCheckSymbols(true);
        options.setWarningLevel(DiagnosticGroups.UNDEFINED_VARIABLES, CheckLevel.ERROR);
        // What stands alone declares the namespace too.
        options.setWarningLevel(DiagnosticGroups.DUPLICATE_VARS, CheckLevel.OFF);
        return options;
    }

    private static List<String> complaints(Result result) {
        return Stream.concat(result.errors.stream(), result.warnings.stream())
                .map(Scripts::words)
                .toList();
    }

    private static String words(JSError error) {
        return error.getSourceName() + ":" + error.getLineNumber() + ": " + error.getDescription();
    }
}
