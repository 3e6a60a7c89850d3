#include "model/audit.h"

#include "absl/strings/str_cat.h"
#include "base/crypto.h"

namespace enrich {

std::string AuditHash(absl::string_view previous, const AuditEntry& entry) {
  std::string line;
  // With its length before it, no text can pass for two.
  const auto add = [&line](const auto& value) {
    const std::string text = absl::StrCat(value);
    absl::StrAppend(&line, text.size(), ":", text);
  };
  add(previous);
  add(entry.key);
  add(absl::ToUnixMicros(entry.time));
  add(entry.tenant);
  add(entry.actor);
  add(static_cast<int>(entry.action));
  add(entry.chunk_key);
  add(entry.resend_key);
  add(entry.account);
  add(entry.contacts);
  add(entry.exposure.milli);
  add(entry.note);
  return Sha256(line);
}

}  // namespace enrich
