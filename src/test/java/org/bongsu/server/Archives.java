package org.bongsu.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.bongsu.Await;

/**
 * Servers as they are downloaded, unpacked once below {@code target/archives} and left as they are. Maven brings them, so that
 * its mirrors and its local repository count.
 */
final class Archives {
    private static final Path FOLDER = Path.of("target", "archives").toAbsolutePath();

    /** As in the POM. */
    private static final String PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

    private Archives() {}

    /**
     * @param coordinates {@code group:artifact:version:type}
     * @param folder the only one within
     */
    static Path unpacked(String coordinates, String folder) {
        String[] parts = coordinates.split(":", -1);
        String name = parts[1] + '-' + parts[2];
        return once(name, fresh -> {
                    maven("copy", "-Dartifact=" + coordinates, "-DoutputDirectory=" + fresh);
                    Path archive = fresh.resolve(name + '.' + parts[3]);
                    if (parts[3].equals("zip")) unzip(archive, fresh);
                    else run("tar", "-xzf", archive.toString(), "-C", fresh.toString());
                    Files.delete(archive);
                })
                .resolve(folder);
    }

    /** Where the JARs are that this POM asks for, and what they ask for. */
    static Path libraries(Path pom, String name) {
        return once(
                name,
                fresh -> maven(
                        "copy-dependencies", "-f", pom.toString(), "-DexcludeTypes=pom", "-DoutputDirectory=" + fresh));
    }

    private interface Filling {
        void fill(Path fresh) throws IOException;
    }

    /** The folder of that name, filled by whichever JVM is the first to want it, and whole for all others, who wait. */
    private static synchronized Path once(String name, Filling filling) {
        Path home = FOLDER.resolve(name);
        if (Files.isDirectory(home)) return home;
        try {
            Files.createDirectories(FOLDER);
            try (FileChannel lock =
                    FileChannel.open(FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                if (Files.isDirectory(home)) return home;
                Path fresh = Files.createTempDirectory(FOLDER, "filling-");
                filling.fill(fresh);
                Files.move(fresh, home);
                return home;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void maven(String goal, String... arguments) throws IOException {
        String home = System.getProperty("maven.home");
        String repository = System.getProperty("maven.repo.local");
        List<String> command = new ArrayList<>();
        command.add(home == null ? "mvn" : Path.of(home, "bin", "mvn").toString());
        command.addAll(List.of("-B", "-q", PLUGIN + ':' + goal));
        command.addAll(List.of(arguments));
        if (repository != null) command.add("-Dmaven.repo.local=" + repository);
        run(command.toArray(String[]::new));
    }

    private static void unzip(Path archive, Path into) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = into.resolve(entry.getName()).normalize();
                if (!file.startsWith(into))
                    throw new IOException(archive + " leads out of its folder: " + entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                    continue;
                }
                Path parent = Objects.requireNonNull(file.getParent());
                Files.createDirectories(parent);
                Files.copy(zip, file);
                // The format's own bits are not read; these are the scripts.
                if (parent.endsWith("bin") && !file.toFile().setExecutable(true)) {
                    throw new IOException(file + " cannot be made executable");
                }
            }
        }
    }

    private static void run(String... command) throws IOException {
        Path output = Files.createTempFile(FOLDER, "running-", ".log");
        // Not read through a pipe, where one that hangs could not be waited for.
        Process process = new ProcessBuilder(List.of(command))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(Await.SECONDS, TimeUnit.SECONDS);
            if (!ended) process.destroyForcibly();
            if (!ended || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command)
                        + (ended ? " failed: " : " does not end: ")
                        + Files.readString(output));
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            Files.delete(output);
        }
    }
}
