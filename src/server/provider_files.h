#ifndef ENRICH_SERVER_PROVIDER_FILES_H_
#define ENRICH_SERVER_PROVIDER_FILES_H_

#include <ostream>
#include <string>
#include <vector>

// The commands for those who write provider files (docs/provider-files.md).
// None of them uses the network. Each returns the exit code: 0, 1 when a
// fixture did not give what it expects, 2 for mistakes in a file and for files
// that cannot be read or written.
namespace enrich {

// Checks files and the fixtures they name, and lists every mistake.
int RunProviderLint(const std::vector<std::string>& files, std::ostream& out,
                    std::ostream& err);

// Plays every fixture that the files name.
int RunProviderTest(const std::vector<std::string>& files, std::ostream& out,
                    std::ostream& err);

// Tells step by step what becomes of one fixture, a path from here or from the
// provider file's folder.
int RunProviderExplain(const std::string& file, const std::string& fixture,
                       std::ostream& out, std::ostream& err);

// Prints a file to start from for the provider `id`, or writes it and its
// fixture into `folder` unless that is empty. Never overwrites anything.
int RunProviderNew(const std::string& id, const std::string& folder,
                   std::ostream& out, std::ostream& err);

}  // namespace enrich

#endif  // ENRICH_SERVER_PROVIDER_FILES_H_
