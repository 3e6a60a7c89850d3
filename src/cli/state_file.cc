#include "cli/state_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "cli/posix_file.h"
#include "cli/result_columns.h"

namespace enrich::cli {
namespace {

constexpr int64_t kVersion = 1;

absl::Status Malformed() {
  return absl::InvalidArgumentError(
      "the state file is damaged or of another version of enrichctl");
}

void EncodeTally(const Tally& tally, json::Writer& out) {
  out.StartObject().Key("contacts").Int(tally.contacts);
  out.Key("fields").StartObject();
  for (const auto& [field, outcomes] : tally.fields) {
    out.Key(FieldName(field)).StartArray();
    for (const int64_t count : outcomes) out.Int(count);
    out.EndArray();
  }
  out.EndObject().Key("millicredits").StartObject();
  for (const auto& [provider, credits] : tally.millicredits) {
    out.Key(provider).Int(credits);
  }
  out.EndObject().Key("saved_millicredits").StartObject();
  for (const auto& [provider, credits] : tally.saved_millicredits) {
    out.Key(provider).Int(credits);
  }
  out.EndObject().EndObject();
}

absl::StatusOr<Tally> DecodeTally(const json::Value& in) {
  Tally tally;
  tally.contacts = in["contacts"].AsInt().value_or(0);
  for (const json::Value& counts : in["fields"]) {
    const auto field = ParseField(counts.key());
    if (!field || counts.size() > Tally::Outcomes().size()) return Malformed();
    size_t i = 0;
    for (const json::Value& count : counts) {
      tally.fields[*field][i++] = count.AsInt().value_or(0);
    }
  }
  for (const json::Value& credits : in["millicredits"]) {
    tally.millicredits[std::string(credits.key())] =
        credits.AsInt().value_or(0);
  }
  for (const json::Value& credits : in["saved_millicredits"]) {
    tally.saved_millicredits[std::string(credits.key())] =
        credits.AsInt().value_or(0);
  }
  return tally;
}

void EncodeOpen(const OpenBatchState& batch, json::Writer& out) {
  out.StartObject();
  out.Key("index").Int(batch.index);
  out.Member("request_id", batch.request_id);
  out.Member("batch_id", batch.batch_id);
  out.Member("resume_token", batch.position.resume_token);
  out.Key("sequence").Int(batch.position.sequence);
  out.Key("rows_written").Int(batch.rows_written);
  out.EndObject();
}

absl::StatusOr<OpenBatchState> DecodeOpen(const json::Value& in) {
  const auto index = in["index"].AsInt();
  const auto sequence = in["sequence"].AsInt();
  const auto rows = in["rows_written"].AsInt();
  if (!index || !sequence || !rows) return Malformed();
  return OpenBatchState{
      .index = *index,
      .request_id = std::string(in["request_id"].AsString()),
      .batch_id = std::string(in["batch_id"].AsString()),
      .position = {.resume_token = std::string(in["resume_token"].AsString()),
                   .sequence = *sequence},
      .rows_written = *rows};
}

}  // namespace

std::string StatePath(absl::string_view output_path) {
  return absl::StrCat(output_path, ".enrich-state");
}

std::string EncodeState(const EnrichState& state) {
  json::Writer out;
  out.StartObject().Key("version").Int(kVersion);
  out.Member("input", state.input_digest);
  out.Member("options", state.options_digest);
  out.Key("output_bytes").Int(state.output_bytes);
  out.Key("next_batch").Int(state.next_batch);
  out.Key("open").StartArray();
  for (const OpenBatchState& batch : state.open) EncodeOpen(batch, out);
  out.EndArray().Key("tally");
  EncodeTally(state.tally, out);
  out.EndObject();
  return out.Take() + "\n";
}

absl::StatusOr<EnrichState> DecodeState(absl::string_view text) {
  const auto document = json::Document::Parse(text);
  if (!document.ok()) return Malformed();
  const json::Value root = document->root();
  const auto bytes = root["output_bytes"].AsInt();
  const auto next = root["next_batch"].AsInt();
  if (root["version"].AsInt() != kVersion || !bytes || !next || *bytes < 0) {
    return Malformed();
  }
  EnrichState state;
  state.input_digest = std::string(root["input"].AsString());
  state.options_digest = std::string(root["options"].AsString());
  state.output_bytes = *bytes;
  state.next_batch = *next;
  for (const json::Value& batch : root["open"]) {
    ASSIGN_OR_RETURN(OpenBatchState open, DecodeOpen(batch));
    state.open.push_back(std::move(open));
  }
  ASSIGN_OR_RETURN(state.tally, DecodeTally(root["tally"]));
  return state;
}

absl::Status SaveState(const std::string& path, const EnrichState& state) {
  const std::string next = path + ".tmp";
  {
    ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(next, 0));
    RETURN_IF_ERROR(file.Write(EncodeState(state)));
    RETURN_IF_ERROR(file.Sync());
  }
  if (std::rename(next.c_str(), path.c_str()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("rename ", next));
  }
  return SyncFolderOf(path);
}

absl::StatusOr<std::optional<EnrichState>> LoadState(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::optional<EnrichState>();
  std::stringstream text;
  text << in.rdbuf();
  auto state = DecodeState(text.str());
  if (!state.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": ", state.status().message(), "; --restart discards it"));
  }
  return std::optional<EnrichState>(*std::move(state));
}

void RemoveState(const std::string& path) { std::remove(path.c_str()); }

}  // namespace enrich::cli
