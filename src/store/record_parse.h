#ifndef ENRICH_STORE_RECORD_PARSE_H_
#define ENRICH_STORE_RECORD_PARSE_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

// What the decoders of store/record.h share.
namespace enrich {

inline absl::Status MalformedRecord(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("store: malformed record of ", what));
}

template <typename Message>
bool ParseRecord(absl::string_view bytes, Message& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace enrich

#endif  // ENRICH_STORE_RECORD_PARSE_H_
