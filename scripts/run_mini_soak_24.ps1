# A simulated soak of 24 iterations with auto-tuning, then its strict gate. Exits with the code of what failed first.
#   scripts/run_mini_soak_24.ps1           $env:SOAKCTL = 'C:\path\to\soakctl.exe' for another one
$ErrorActionPreference = 'Stop'
Push-Location (Join-Path $PSScriptRoot '..')
try {
    $soakctl = $env:SOAKCTL
    if (-not $soakctl) {
        $own = Join-Path '.venv' (Join-Path 'Scripts' 'soakctl.exe')
        $soakctl = if (Test-Path $own) { $own } else { 'soakctl' }
    }
    & $soakctl soak --iterations 24 --auto-tune --mock
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    & $soakctl gate --prometheus --strict --mock
    exit $LASTEXITCODE
}
finally {
    Pop-Location
}
