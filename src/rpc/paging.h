#ifndef ENRICH_RPC_PAGING_H_
#define ENRICH_RPC_PAGING_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/errors.h"
#include "rpc/tokens.h"

// What the calls that list something by page have in common.
namespace enrich {

inline constexpr int kMaxPageSize = 1000;

// The page size that a request asks for; INVALID_ARGUMENT
// (error::InvalidRequest) when it is out of range.
inline absl::StatusOr<int> PageSize(int asked, int by_default) {
  if (asked == 0) return by_default;
  if (asked > 0 && asked <= kMaxPageSize) return asked;
  return error::InvalidRequest(
      {{"page_size", absl::StrCat("must be within 0..", kMaxPageSize)}});
}

// 0 for an empty token: the first page. Errors as TokenCodec::Decode.
inline absl::StatusOr<int64_t> PagePosition(const TokenCodec& codec,
                                            const std::string& token) {
  if (token.empty()) return 0;
  return codec.Decode(token);
}

}  // namespace enrich

#endif  // ENRICH_RPC_PAGING_H_
