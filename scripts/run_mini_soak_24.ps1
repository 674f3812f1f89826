# A simulated soak of 24 iterations with auto-tuning, then its strict gate. Exits with the code of what failed first.
#   scripts/run_mini_soak_24.ps1           $env:SOAKCTL = 'C:\path\to\soakctl.exe' for another one
$ErrorActionPreference = 'Stop'
# Newer shells would make an error of their own out of an exit code, and lose it.
$PSNativeCommandUseErrorActionPreference = $false
Push-Location (Join-Path $PSScriptRoot '..')
try {
    $soakctl = $env:SOAKCTL
    if (-not $soakctl) {
        $own = @('.venv/Scripts/soakctl.exe', '.venv/bin/soakctl') | Where-Object { Test-Path $_ } | Select-Object -First 1
        $soakctl = if ($own) { (Resolve-Path $own).Path } else { 'soakctl' }
    }
    & $soakctl soak --iterations 24 --auto-tune --mock
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    & $soakctl gate --prometheus --strict --mock
    exit $LASTEXITCODE
}
finally {
    Pop-Location
}
