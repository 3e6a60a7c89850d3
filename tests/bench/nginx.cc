#include "bench/nginx.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/substitute.h"
#include "base/status_macros.h"

namespace enrich::bench {
namespace {

constexpr char kProgram[] = "/usr/sbin/nginx";
// `return` alone would answer before the body is there, and drop it.
constexpr char kEchoModule[] = "/usr/lib/nginx/modules/ngx_http_echo_module.so";

// $0 is the echo module, $1 the port. The gateway's listener holds bodies of
// 128 kB in memory too.
constexpr char kConfig[] = R"(load_module $0;
daemon off;
master_process off;
pid nginx.pid;
error_log error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  scgi_temp_path scgi;
  uwsgi_temp_path uwsgi;
  client_max_body_size 8m;
  client_body_buffer_size 128k;
  keepalive_requests 1000000000;
  server {
    listen 127.0.0.1:$1;
    location / {
      echo_read_request_body;
      echo_exec @answer;
    }
    location @answer { return 200; }
  }
}
)";

}  // namespace

bool NginxIsInstalled() {
  return std::filesystem::exists(kProgram) &&
         std::filesystem::exists(kEchoModule);
}

absl::StatusOr<Nginx> StartNginx(const std::string& folder) {
  // Paths in its configuration are relative to it.
  const std::string prefix = std::filesystem::absolute(folder).string();
  ASSIGN_OR_RETURN(const int port, FreePort());
  std::ofstream(prefix + "/nginx.conf")
      << absl::Substitute(kConfig, kEchoModule, port);
  ASSIGN_OR_RETURN(Process process,
                   SpawnServer({.program = kProgram,
                                .arguments = {"-p", prefix, "-c", "nginx.conf"},
                                .log = prefix + "/nginx.log"}));
  RETURN_IF_ERROR(WaitForPort(port));
  return Nginx{.process = std::move(process), .port = port};
}

}  // namespace enrich::bench
