# Completions of hallway for PowerShell: `hallway completions powershell` prints this.
Register-ArgumentCompleter -Native -CommandName hallway -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $line = $commandAst.Extent.Text
    $typed = $cursorPosition - $commandAst.Extent.StartOffset
    # The line goes by the environment: as an argument it would be quoted anew.
    $env:HALLWAY_LINE = if ($typed -gt $line.Length) { $line + ' ' } else { $line.Substring(0, $typed) }
    hallway completions powershell -- line 2>$null | ForEach-Object {
        $quoted, $value, $help = $_ -split "`t", 3
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new($quoted, $value, 'ParameterValue', $help)
    }
    Remove-Item Env:\HALLWAY_LINE
}
